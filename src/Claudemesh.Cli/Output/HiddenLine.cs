using System.Text;

namespace Claudemesh.Cli.Output;

/// <summary>A line typed at the terminal that nobody may read over a shoulder.</summary>
internal static class HiddenLine
{
    private const int CharactersMax = 1024;

    /// <returns>Null when the person ends the input instead.</returns>
    public static string? Read()
    {
        var line = new StringBuilder();
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            switch (key)
            {
                case { Key: ConsoleKey.Enter }:
                    return line.ToString();
                case { Key: ConsoleKey.D, Modifiers: ConsoleModifiers.Control } when line.Length == 0:
                    return null;
                case { Key: ConsoleKey.Backspace } when line.Length > 0:
                    line.Length--;
                    break;
                case { Key: ConsoleKey.U, Modifiers: ConsoleModifiers.Control }:
                    line.Clear();
                    break;
                case { KeyChar: >= ' ' and not '\x7f' } when line.Length < CharactersMax:
                    line.Append(key.KeyChar);
                    break;
            }
        }
    }
}
