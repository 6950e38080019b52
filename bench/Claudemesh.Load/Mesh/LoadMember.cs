using System.Text;
using Claudemesh.Crypto;

namespace Claudemesh.Load.Mesh;

/// <summary>A member that the generator plays.</summary>
internal sealed class LoadMember(SigningKey key, string name)
{
    public SigningKey Key { get; } = key;

    public string Name { get; } = name;

    /// <summary>64 hexadecimal digits, as UTF-8.</summary>
    public byte[] KeyText { get; } = Encoding.ASCII.GetBytes(key.Public.ToString());

    /// <summary>Given by the broker when it joins.</summary>
    public string Id { get; set; } = "";

    public static LoadMember Generate(string name) => new(SigningKey.Generate(), name);
}
