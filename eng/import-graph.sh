#!/usr/bin/env bash
# Prints which rooms import which, and how many cycles there are: between the projects, and between the rooms (folders) of a project.
# usage: eng/import-graph.sh [--edges]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

edges_of_projects() {
    for file in OrderFlow.*/*.csproj tools/*/*.csproj; do
        sed -n 's/.*ProjectReference Include="\(.*\)\.csproj".*/\1/p' "$file" | tr '\\' '/' | while read -r reference; do
            echo "$(basename "$file" .csproj) ${reference##*/}"
        done
    done
}

# A file of a room imports another room of its project with "using <project>.<room>;".
edges_of_rooms() { # project folder
    local name=${1##*/}
    find "$1" \( -name '*.cs' -o -name '*.razor' \) -not -path '*/obj/*' -not -path '*/bin/*' | while read -r file; do
        room=$(dirname "${file#"$1"/}" | tr / .)
        sed -nE "s/^@?using (static )?(${name//./\\.}\.[A-Za-z0-9_.]+);?[[:space:]]*\$/\2/p" "$file" | while read -r import; do
            import=${import#"$name".}
            # A static import names a type of the room.
            [ -d "$1/${import//./\/}" ] || import=${import%.*}
            [ "$room" = "$import" ] || echo "$([ "$room" = . ] && echo '(root)' || echo "$room") $import"
        done
    done
}

report() { # title, edges on standard input
    local edges cycles
    edges=$(sort -u)
    cycles=$(tsort <<<"$edges" 2>&1 >/dev/null | grep -c 'contains a loop' || true)
    printf '%-32s %3d imports, %d cycles\n' "$1" "$(grep -c . <<<"$edges")" "$cycles"
    if [ "${show:-}" = --edges ]; then
        awk '{ to[$1] = to[$1] " " $2 } END { for (from in to) print "    " from " ->" to[from] }' <<<"$edges" | sort
    fi
    [ "$cycles" -eq 0 ]
}

show=${1:-}
status=0
edges_of_projects | report "projects" || status=1
for project in OrderFlow.Messaging OrderFlow.Messaging.Postgres OrderFlow.Messaging.Operations OrderFlow.ServiceDefaults \
    OrderFlow.Monitor OrderFlow.AppHost tools/OrderFlow.Cli; do
    edges_of_rooms "$project" | report "$project" || status=1
done
exit $status
