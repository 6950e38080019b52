using System.Globalization;

namespace Claudemesh.Daemon.Logging;

/// <summary>For <c>--foreground</c>: one line per event on the standard error.</summary>
internal sealed class TerminalProvider(TimeProvider clock) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new TerminalLogger(clock);

    public void Dispose()
    {
        // The terminal stays open.
    }

    private sealed class TerminalLogger(TimeProvider clock) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{clock.GetLocalNow():HH:mm:ss} {(logLevel >= LogLevel.Warning ? "! " : "")}{formatter(state, exception)}"));
    }
}
