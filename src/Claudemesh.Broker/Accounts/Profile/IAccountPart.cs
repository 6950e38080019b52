using System.Text.Json;
using Claudemesh.Broker.Storage;

namespace Claudemesh.Broker.Accounts.Profile;

/// <summary>What a capability keeps about accounts: each says so itself, so that an export and a deletion forget nothing.</summary>
internal interface IAccountPart
{
    /// <summary>Writes properties of the export, each a list or a value. Secrets are left out, and their hashes.</summary>
    void Export(Sql sql, AccountNo account, Utf8JsonWriter json);

    /// <summary>Part of the write that deletes the account.</summary>
    void Delete(WriteScope scope, AccountNo account);

    /// <summary>Once that is committed: ends what is open.</summary>
    void Deleted(AccountNo account)
    {
    }
}
