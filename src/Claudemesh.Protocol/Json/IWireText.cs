namespace Claudemesh.Protocol;

/// <summary>A value that travels as one checked text: an id, a name, a short name. Only a text that keeps the rule can become one.</summary>
public interface IWireText<TSelf>
    where TSelf : struct, IWireText<TSelf>
{
    /// <summary>The rule in words, for the sentence that refuses a text that breaks it.</summary>
    static abstract string Rule { get; }

    /// <summary>The text as it is on the wire; empty for a default value, which no parse gives.</summary>
    string Value { get; }

    static abstract bool TryParse(string? text, out TSelf value);
}

/// <summary>A message whose texts and lists have limits that its types alone do not hold.</summary>
internal interface ILimited
{
    /// <summary>The first broken limit in words, or null when every limit is kept.</summary>
    string? FindFault();
}
