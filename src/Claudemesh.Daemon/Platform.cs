using System.Runtime.Versioning;

// Unix sockets with file permissions and peer credentials are what protects the local API.
[assembly: UnsupportedOSPlatform("windows")]
