using System.Globalization;

namespace Claudemesh.Daemon.Account;

/// <summary>Brings the code of an approval to a login that waits on this computer, as the page would.</summary>
internal sealed class LoopbackReturns(HttpClient http)
{
    /// <returns>False where nobody listens there.</returns>
    public async Task<bool> BringAsync(LoopbackReturn to, CancellationToken cancellationToken)
    {
        if (to.Port is < 1 or > 65535)
            return false;

        try
        {
            var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{to.Port}{LoopbackDoor.Path}?code={Uri.EscapeDataString(to.Code)}"));
            using HttpResponseMessage answer = await http.GetAsync(address, cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
