namespace Claudemesh.Protocol;

/// <summary>What is in a memory: sealed in our clients' objects, as the body of plain ones.</summary>
public sealed record MemoryText(string Text, string[] Tags);
