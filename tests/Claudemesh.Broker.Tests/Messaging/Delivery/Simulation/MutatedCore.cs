using System.Reflection;
using System.Runtime.Loader;
using Claudemesh.Protocol;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace Claudemesh.Broker.Tests.Messaging.Delivery.Simulation;

/// <summary>
/// The core and its simulator, compiled from their sources with one defect put in. The product has no switch for defects: what
/// is tested is its own text, and a defect whose place is no longer there fails its test until the list is looked after.
/// </summary>
internal sealed class MutatedCore
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview, preprocessorSymbols: ["DEBUG"]);
    private static readonly string Root = FindRoot();
    private static readonly Dictionary<string, SyntaxTree> Sources = ReadSources();
    private static readonly MetadataReference[] References = FindReferences();

    private readonly MethodInfo run;

    private MutatedCore(Assembly assembly) =>
        run = assembly.GetType(typeof(Simulated).FullName!, throwOnError: true)!.GetMethod(nameof(Simulated.Run))!;

    public static MutatedCore Unchanged() => Compile(Sources.Values);

    public static MutatedCore With(Mutant mutant)
    {
        string file = Path.Combine(CoreFolder, mutant.File);
        string text = Sources[file].ToString();
        if (text.Split(mutant.Correct).Length != 2)
            throw new InvalidOperationException($"\"{mutant.Name}\": its place must be in {mutant.File} once. Look after the list of mutants.");
        SyntaxTree changed = CSharpSyntaxTree.ParseText(text.Replace(mutant.Correct, mutant.Wrong, StringComparison.Ordinal), Options, file);
        return Compile(Sources.Where(source => source.Key != file).Select(source => source.Value).Append(changed));
    }

    /// <returns>What the simulator found, or null.</returns>
    public string? Run(ulong seed, int steps)
    {
        try
        {
            run.Invoke(null, [seed, steps]);
            return null;
        }
        catch (TargetInvocationException failure)
        {
            return failure.InnerException!.Message;
        }
    }

    private static string CoreFolder => Path.Combine(Root, "src", "Claudemesh.Broker", "Messaging", "Delivery");

    private static MutatedCore Compile(IEnumerable<SyntaxTree> trees)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"Mutant{Guid.NewGuid():N}",
            trees,
            References,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable, optimizationLevel: OptimizationLevel.Release));
        using MemoryStream image = new();
        EmitResult result = compilation.Emit(image);
        if (!result.Success)
            throw new InvalidOperationException("The mutant does not compile: " + string.Join("; ", result.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error).Take(3)));
        image.Position = 0;
        return new MutatedCore(new AssemblyLoadContext(compilation.AssemblyName, isCollectible: true).LoadFromStream(image));
    }

    private static Dictionary<string, SyntaxTree> ReadSources()
    {
        const string GlobalUsings = "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;";
        string simulator = Path.Combine(Root, "tests", "Claudemesh.Broker.Tests", "Messaging", "Delivery", "Simulation");
        Dictionary<string, SyntaxTree> sources = [];
        sources.Add("", CSharpSyntaxTree.ParseText(GlobalUsings, Options));
        foreach (string file in System.IO.Directory.EnumerateFiles(CoreFolder, "*.cs").Concat(System.IO.Directory.EnumerateFiles(simulator, "*.cs")).Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(file) is not ("MutatedCore.cs" or "Mutants.cs"))
                sources.Add(file, CSharpSyntaxTree.ParseText(File.ReadAllText(file), Options, file));
        }

        return sources;
    }

    private static MetadataReference[] FindReferences()
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        return
        [
            .. System.IO.Directory.EnumerateFiles(framework, "System*.dll").Where(IsManaged).Select(file => MetadataReference.CreateFromFile(file)),
            MetadataReference.CreateFromFile(typeof(MeshError).Assembly.Location),
        ];
    }

    private static bool IsManaged(string file)
    {
        try
        {
            AssemblyName.GetAssemblyName(file);
            return true;
        }
        catch (BadImageFormatException)
        {
            return false;
        }
    }

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Claudemesh.slnx")))
                return folder.FullName;
        }

        throw new InvalidOperationException("These tests compile the core's sources, and there is no repository above " + AppContext.BaseDirectory);
    }
}
