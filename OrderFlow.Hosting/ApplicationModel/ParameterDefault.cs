using System.Security.Cryptography;

namespace OrderFlow.Hosting.ApplicationModel;

/// <summary>The value of a parameter that nobody set.</summary>
public abstract class ParameterDefault
{
    private protected ParameterDefault()
    {
    }

    public abstract string GetDefaultValue();
}

/// <summary>A random value. Every character of it is drawn by the system's secure generator.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    // Without characters that are easily confused, or that a shell, a URL or a configuration file would read in its own way.
    private const string LowerLetters = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperLetters = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string Digits = "0123456789";
    private const string Specials = "-_.{}~()*+!";
    private const int ShortestAllowed = 1;

    /// <summary>Length of the value; at least 22 characters give 128 bits.</summary>
    public int MinLength { get; set; }

    public bool Lower { get; set; } = true;

    public bool Upper { get; set; } = true;

    public bool Numeric { get; set; } = true;

    public bool Special { get; set; } = true;

    public int MinLower { get; set; }

    public int MinUpper { get; set; }

    public int MinNumeric { get; set; }

    public int MinSpecial { get; set; }

    /// <inheritdoc />
    public override string GetDefaultValue()
    {
        (bool Allowed, int AtLeast, string Characters)[] kinds =
        [
            (Lower, MinLower, LowerLetters),
            (Upper, MinUpper, UpperLetters),
            (Numeric, MinNumeric, Digits),
            (Special, MinSpecial, Specials),
        ];
        if (kinds.Any(kind => kind.AtLeast > 0 && !kind.Allowed) || !kinds.Any(kind => kind.Allowed))
        {
            throw new InvalidOperationException("A generated value must allow every kind of character that it asks for, and at least one kind.");
        }

        var all = string.Concat(kinds.Where(kind => kind.Allowed).Select(kind => kind.Characters));
        var drawn = kinds.SelectMany(kind => RandomNumberGenerator.GetItems<char>(kind.Characters, kind.AtLeast)).ToList();
        var missing = Math.Max(ShortestAllowed, MinLength) - drawn.Count;
        drawn.AddRange(RandomNumberGenerator.GetItems<char>(all, Math.Max(0, missing)));
        var value = drawn.ToArray();
        RandomNumberGenerator.Shuffle<char>(value);
        return new(value);
    }
}
