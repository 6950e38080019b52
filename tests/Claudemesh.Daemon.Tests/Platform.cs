using System.Runtime.Versioning;

// As the daemon itself.
[assembly: UnsupportedOSPlatform("windows")]
