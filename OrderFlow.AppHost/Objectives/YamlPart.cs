using YamlDotNet.RepresentationModel;

namespace OrderFlow.AppHost.Objectives;

/// <summary>A part of a YAML document whose keys are known: whatever else it has is an error that names the line.</summary>
internal sealed class YamlPart
{
    private readonly string _file;
    private readonly string _path;
    private readonly YamlMappingNode _node;

    private YamlPart(string file, string path, YamlMappingNode node, string[] keys)
    {
        (_file, _path, _node) = (file, path, node);
        foreach (var (key, _) in node.Children)
        {
            if (!keys.Contains(Text(key)))
            {
                throw Error(key, $"{path} has the key '{Text(key)}'; known are {string.Join(", ", keys)}.");
            }
        }
    }

    /// <summary>The whole document.</summary>
    public static YamlPart Of(string file, YamlDocument document, params string[] keys) =>
        document.RootNode is YamlMappingNode mapping
            ? new YamlPart(file, "The document", mapping, keys)
            : throw new ObjectiveException(file, document.RootNode.Start.Line, "The document has no keys.");

    /// <summary>A part of this one.</summary>
    public YamlPart Part(string key, params string[] keys) => PartOf(Node(key), Path(key), keys);

    /// <summary>The only part in a list.</summary>
    public YamlPart Only(string key, params string[] keys) =>
        Node(key) is YamlSequenceNode { Children: [var only] }
            ? PartOf(only, Path(key), keys)
            : throw Error(Node(key), $"{Path(key)} is not a list of one.");

    /// <summary>A text that is there.</summary>
    public string Text(string key) =>
        Node(key) is YamlScalarNode { Value: { Length: > 0 } value } ? value : throw Error(Node(key), $"{Path(key)} has no text.");

    /// <summary>A text of which only one is known.</summary>
    public void Is(string key, string value)
    {
        if (Text(key) != value)
        {
            throw Wrong(key, $"must be {value}, not {Text(key)}");
        }
    }

    /// <summary>What is wrong with the value of a key.</summary>
    public ObjectiveException Wrong(string key, string problem) => Error(Node(key), $"{Path(key)} {problem}.");

    private YamlPart PartOf(YamlNode node, string path, string[] keys) =>
        node is YamlMappingNode mapping ? new YamlPart(_file, path, mapping, keys) : throw Error(node, $"{path} has no keys.");

    private YamlNode Node(string key) => _node.Children.FirstOrDefault(pair => Text(pair.Key) == key).Value
        ?? throw Error(_node, $"{_path} has no key '{key}'.");

    private string Path(string key) => _path == "The document" ? key : $"{_path}.{key}";

    private ObjectiveException Error(YamlNode node, string problem) => new(_file, node.Start.Line, problem);

    private static string? Text(YamlNode node) => (node as YamlScalarNode)?.Value;
}
