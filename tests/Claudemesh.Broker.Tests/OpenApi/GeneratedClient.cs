using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using NJsonSchema.CodeGeneration.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using NSwag.CodeGeneration.OperationNameGenerators;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>A client of the document as NSwag makes it, compiled together with a program that uses it.</summary>
internal static class GeneratedClient
{
    private const string Usings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading.Tasks;
        """;

    /// <param name="document">As the broker serves it.</param>
    /// <param name="program">C# with a static method <c>RunAsync</c> in a class <c>Program</c>, which takes an <see cref="HttpClient"/> and gives lines of text.</param>
    public static async Task<string[]> RunAsync(string document, string program, HttpClient http)
    {
        string client = await GenerateAsync(document);
        MethodInfo run = Compile(client, Usings, program).GetType("Program", throwOnError: true)!.GetMethod("RunAsync")!;
        return await (Task<string[]>)run.Invoke(null, [http])!;
    }

    private static async Task<string> GenerateAsync(string document)
    {
        NSwag.OpenApiDocument read = await NSwag.OpenApiDocument.FromJsonAsync(document);
        CSharpClientGeneratorSettings settings = new()
        {
            ClassName = "ClaudemeshClient",
            UseBaseUrl = false,
            OperationNameGenerator = new SingleClientFromOperationIdOperationNameGenerator(),
        };
        settings.CSharpGeneratorSettings.Namespace = "Claudemesh.Generated";

        // It is the one of the two that writes the words of an enum as the document has them.
        settings.CSharpGeneratorSettings.JsonLibrary = CSharpJsonLibrary.NewtonsoftJson;
        settings.CSharpGeneratorSettings.GenerateNullableReferenceTypes = true;
        settings.CSharpGeneratorSettings.GenerateOptionalPropertiesAsNullable = true;
        return new CSharpClientGenerator(read, settings).GenerateFile();
    }

    private static Assembly Compile(params string[] sources)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            $"Generated{Guid.NewGuid():N}",
            sources.Select(static source => CSharpSyntaxTree.ParseText(source)),
            References(),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        using MemoryStream image = new();
        EmitResult result = compilation.Emit(image);
        if (!result.Success)
            throw new InvalidOperationException("The client does not compile: " + string.Join("\n", result.Diagnostics.Where(found => found.Severity == DiagnosticSeverity.Error).Take(5)));
        image.Position = 0;
        return new AssemblyLoadContext(compilation.AssemblyName, isCollectible: true).LoadFromStream(image);
    }

    private static IEnumerable<MetadataReference> References() =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(static file => Path.GetFileName(file) is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "netstandard.dll" or "mscorlib.dll" or "Newtonsoft.Json.dll"))
        .Select(static file => MetadataReference.CreateFromFile(file));
}
