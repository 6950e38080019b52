using Claudemesh.Broker.Documents;

namespace Claudemesh.Broker.Dashboard;

/// <summary>The page as <c>dashboard/</c> made it: one document, and the files it names after their content.</summary>
internal sealed class PageFiles
{
    /// <summary>The folder of the files whose name changes with their content: who has one never asks again.</summary>
    public const string Assets = "assets/";

    private const string Folder = "page/";
    private const string Asked = "no-cache";
    private const string Forever = "public, max-age=31536000, immutable";

    private readonly Dictionary<string, FixedAnswer> assets = new(StringComparer.Ordinal);

    public PageFiles()
    {
        Document = FixedAnswer.LoadPacked(Folder + "index.html", "text/html; charset=utf-8", Asked);
        foreach (string resource in typeof(PageFiles).Assembly.GetManifestResourceNames())
        {
            if (resource.StartsWith(Folder + Assets, StringComparison.Ordinal) && TypeOf(resource) is { } type)
                assets.Add(resource[(Folder.Length + Assets.Length)..], FixedAnswer.LoadPacked(resource, type, Forever));
        }
    }

    public FixedAnswer Document { get; }

    public IEnumerable<string> AssetNames => assets.Keys;

    /// <param name="name">Below <see cref="Assets"/>.</param>
    public FixedAnswer? FindAsset(string name) => assets.GetValueOrDefault(name);

    /// <summary>Null for the packed forms, which are asked for by the name of what they pack.</summary>
    private static string? TypeOf(string resource) => Path.GetExtension(resource) switch
    {
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".png" => "image/png",
        ".woff2" => "font/woff2",
        ".json" => "application/json; charset=utf-8",
        _ => null,
    };
}
