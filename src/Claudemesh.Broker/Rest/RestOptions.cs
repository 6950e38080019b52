using System.ComponentModel.DataAnnotations;

namespace Claudemesh.Broker.Rest;

/// <summary>What one API key and one address may use of the REST doors.</summary>
internal sealed class RestOptions
{
    /// <summary>Requests of one key a second, lastingly; default 200.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 200;

    /// <summary>Requests of one key at once, before that rate counts; default 2,000.</summary>
    [Range(1, 1_000_000)]
    public int RequestsBurst { get; set; } = 2_000;

    /// <summary>Requests without a credential to the routes of accounts that one address makes a second, lastingly; default 20: an office behind one address.</summary>
    [Range(1, 1_000_000)]
    public int AccountRequestsPerSecond { get; set; } = 20;

    /// <summary>And at once, before that rate counts; default 200.</summary>
    [Range(1, 1_000_000)]
    public int AccountRequestsBurst { get; set; } = 200;

    /// <summary>Streams that one key has open; default 100.</summary>
    [Range(1, 1_000_000)]
    public int StreamsPerKey { get; set; } = 100;

    /// <summary>Streams that are open from one address; default 1,000.</summary>
    [Range(1, 1_000_000)]
    public int StreamsPerAddress { get; set; } = 1_000;
}
