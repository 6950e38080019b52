using System.Text;
using Claudemesh.Cli.CommandLine;
using Claudemesh.Local;

namespace Claudemesh.Cli.Output;

/// <summary>
/// What a verb prints. Text is gathered and leaves in one write at the end; mistakes go to standard error, or with <c>--json</c> as a record to
/// standard output.
/// </summary>
internal sealed class Terminal(Stream output, Stream error, Func<Stream> input, bool isInteractive, bool hasColour, bool hasPerson = false)
{
    private readonly StringBuilder gathered = new();
    private StreamReader? answers;

    /// <summary>Null: for people.</summary>
    public JsonFields? Json { get; set; }

    /// <summary>Whether a person looks at it.</summary>
    public bool IsInteractive => isInteractive;

    /// <summary>Whether somebody is there who can be asked: he sees the question and types the answer.</summary>
    public bool CanAsk => hasPerson && Json is null;

    /// <summary>Ends when nobody reads any more what is printed; by itself it never does.</summary>
    public Func<Task> WhenReaderLeaves { get; init; } = static () => new TaskCompletionSource().Task;

    /// <summary>Characters in a line; zero when nobody looks.</summary>
    public int Columns => isInteractive ? Console.WindowWidth : 0;

    public static Terminal OfThisProcess()
    {
        bool isInteractive = !Console.IsOutputRedirected;
        bool hasColour = HasColour(isInteractive, Environment.GetEnvironmentVariable("NO_COLOR"), Environment.GetEnvironmentVariable("TERM"));
        return new Terminal(new DescriptorStream(1), new DescriptorStream(2), Console.OpenStandardInput, isInteractive, hasColour, hasPerson: !Console.IsInputRedirected && !Console.IsErrorRedirected)
        {
            WhenReaderLeaves = static () => Posix.WhenReaderLeaves(1),
            ReadHidden = Console.IsInputRedirected ? null : HiddenLine.Read,
        };
    }

    /// <summary>Only a terminal that can and a person who has not said no (no-color.org: set and not empty) get colours.</summary>
    public static bool HasColour(bool isInteractive, string? noColour, string? terminal) =>
        isInteractive && string.IsNullOrEmpty(noColour) && !string.Equals(terminal, "dumb", StringComparison.Ordinal);

    public Stream OpenInput() => input();

    /// <summary>Asks a person; anything but yes is no.</summary>
    public bool Ask(string question) => Prompt(question + " [y/N]")?.ToLowerInvariant() is "y" or "yes";

    /// <summary>Asks a person for a line.</summary>
    /// <returns>Without white space around it; null when there is no line any more.</returns>
    public string? Prompt(string question)
    {
        Flush();
        Complain(question + " ");
        return ReadAnswer()?.Trim();
    }

    /// <summary>Asks a person for a line that is not shown while it is typed.</summary>
    public string? PromptHidden(string question)
    {
        Flush();
        Complain(question + " ");
        string? answer = ReadHidden is { } hidden ? hidden() : ReadAnswer();
        if (ReadHidden is not null)
            Complain("\n");
        return answer;
    }

    /// <summary>The next line of standard input: several questions share one reader, because it may have read ahead.</summary>
    public string? ReadAnswer() => (answers ??= new StreamReader(input())).ReadLine();

    /// <summary>Reads a line without showing it; null where nobody looks on.</summary>
    public Func<string?>? ReadHidden { get; init; }

    /// <summary>Asks a person to type something; nothing where there is no line any more.</summary>
    public string AskFor(string question) => Prompt(question) ?? "";

    public string Dim(string text) => hasColour ? $"\e[2m{text}\e[0m" : text;

    public string Bold(string text) => hasColour ? $"\e[1m{text}\e[0m" : text;

    /// <summary>What concerns the reader himself.</summary>
    public string Highlight(string text) => hasColour ? $"\e[33m{text}\e[0m" : text;

    public void Write(string text) => gathered.Append(text);

    public void WriteLine(string text = "") => gathered.Append(text).Append('\n');

    /// <summary>Prints what was asked for, or why not.</summary>
    /// <param name="shape">How it looks with <c>--json</c>.</param>
    /// <param name="print">How it looks for people.</param>
    public ExitCode Show<T>(LocalReply<T> reply, JsonShape shape, Action<T> print)
        where T : class =>
        reply.Succeeded ? Show(reply.Value, shape, print) : Fail(reply.Problem);

    public ExitCode Show<T>(T value, JsonShape shape, Action<T> print)
        where T : class
    {
        if (Json is null)
            print(value);
        else
            WriteJson(value, shape, Json);

        return ExitCode.Ok;
    }

    /// <summary>Prints one of many as it comes, at once; with <c>--json</c> on a line of its own.</summary>
    public void Emit<T>(T value, JsonShape shape, Action<T> print)
        where T : class
    {
        if (Json is null)
            print(value);
        else
            WriteJson(value, shape, Json, indented: false);

        Flush();
    }

    public ExitCode Fail(LocalProblem problem)
    {
        if (Json is not null)
        {
            WriteJson(problem, Problems.Shape, JsonFields.All);
            Flush();
        }
        else
        {
            Flush();
            Complain(Problems.Tell(problem));
        }

        return (ExitCode)problem.ExitCode;
    }

    /// <summary>Something to know about what is printed, beside it.</summary>
    public void Warn(string text) => Complain($"claudemesh: {text}\n");

    public ExitCode FailUsage(string mistake, Verb verb)
    {
        ExitCode code = Fail(LocalProblem.Of(Problems.BadArguments, mistake, 400, ExitCode.BadArguments));
        if (Json is null)
            Complain($"usage: {HelpPage.Usage(verb)}\n");

        return code;
    }

    public void Flush()
    {
        if (gathered.Length == 0)
            return;

        byte[] bytes = Encoding.UTF8.GetBytes(gathered.ToString());
        gathered.Clear();
        output.Write(bytes);
        output.Flush();
    }

    /// <summary>Whether this is what writing to a closed pipe gives.</summary>
    public bool ReaderLeft(IOException failure) => !isInteractive && failure.HResult == Posix.BrokenPipe;

    private void Complain(string text)
    {
        error.Write(Encoding.UTF8.GetBytes(text));
        error.Flush();
    }

    private void WriteJson(object value, JsonShape shape, JsonFields fields) => WriteJson(value, shape, fields, isInteractive);

    private void WriteJson(object value, JsonShape shape, JsonFields fields, bool indented)
    {
        using var json = new MemoryStream();
        shape.Write(json, value, fields, indented);
        gathered.Append(Encoding.UTF8.GetString(json.GetBuffer().AsSpan(0, (int)json.Length))).Append('\n');
    }
}
