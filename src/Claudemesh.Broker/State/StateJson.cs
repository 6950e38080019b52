using System.Text.Json;
using System.Text.Json.Serialization;
using Claudemesh.Protocol;

namespace Claudemesh.Broker.State;

/// <summary>What is kept of 1.x clients' values.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(MemoryText))]
[JsonSerializable(typeof(ContextContent))]
internal sealed partial class StateJson : JsonSerializerContext;

/// <param name="Tags">As they were given: the column beside is for searching.</param>
internal sealed record ContextContent(string Summary, string[] FilesRead, string[] KeyFindings, string[] Tags);
