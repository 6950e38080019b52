namespace Claudemesh.Daemon.Logging;

/// <summary>Sends what the program logs to the <see cref="LogFile"/>.</summary>
internal sealed class LogFileProvider(LogFile file, TimeProvider clock) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new FileLogger(file, clock, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose()
    {
        // The file is closed by who opened it, last of all.
    }

    private sealed class FileLogger(LogFile file, TimeProvider clock, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            file.Write(clock.GetUtcNow(), Name(logLevel), category, formatter(state, exception), exception);

        private static string Name(LogLevel level) => level switch
        {
            LogLevel.Trace or LogLevel.Debug => "debug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            _ => "error",
        };
    }
}
