using System.Text;
using System.Text.Json;

namespace Claudemesh.Protocol.Tests;

/// <summary>The bodies of joining and creating: names with underscores, as 1.x has them.</summary>
public sealed class InviteBodyTests
{
    private const string Legacy =
        """{"invite_token":"eyJ2IjoxfQ","invite_payload":{"v":1,"mesh_id":"5hEPsPdn527qgu13PT7ffPra3W1wTS1n","mesh_slug":"capture","broker_url":"ws://127.0.0.1:57960/ws","expires_at":1796016594,"mesh_root_key":"abQEqrj9xh-mND64GbT12_w_ADi_D_2tzzVuCYuQi_8","role":"admin","owner_pubkey":"7f62f9debb9391fe2075bc287b59dc7181e8fbf7126ed196e987c515a1893d53","signature":"0750824d"},"peer_pubkey":"1907d45e693e0a9d65d73a0c09c41ccd98e6d889bf4dee282767cf6c9d2099a6","display_name":"devbox-19770"}""";

    [Fact]
    public void A_join_of_1x_is_read_and_written_alike()
    {
        Assert.True(FrameReader.TryReadBody(Encoding.UTF8.GetBytes(Legacy), out Join? join, out _));
        Assert.Equal("capture", join.InvitePayload.MeshSlug);
        Assert.Null(join.Possession);
        Assert.Equal(Legacy, JsonSerializer.Serialize(join, ProtocolJson.Default.Join));
    }

    [Theory]
    [InlineData(",\"joined_at\":1795411815933}")]
    [InlineData(",\"possession\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\"}")]
    public void A_proof_without_its_time_or_a_time_without_its_proof_is_refused(string end)
    {
        Assert.False(FrameReader.TryReadBody(Encoding.UTF8.GetBytes(Legacy[..^1] + end), out Join? _, out MeshError? refusal));
        Assert.Contains("joined_at and possession must come together", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_body_without_its_fields_names_them()
    {
        Assert.False(FrameReader.TryReadBody("""{"invite_token":"x"}"""u8, out Join? _, out MeshError? refusal));
        Assert.Equal("The body is invalid: display_name, invite_payload, peer_pubkey must be given.", refusal.Message);
    }

    [Fact]
    public void The_answers_have_the_names_that_clients_read()
    {
        Joined joined = new(true, MemberId.Parse("m1"), null, Slug.Parse("acme"), "Acme", MemberRole.Owner);
        Assert.Equal("""{"ok":true,"memberId":"m1","mesh_slug":"acme","mesh_name":"Acme","role":"owner"}""", JsonSerializer.Serialize(joined, ProtocolJson.Default.Joined));
        Assert.Equal(
            """{"mesh_id":"w1","slug":"acme-2","name":"Acme","member_id":"m1"}""",
            JsonSerializer.Serialize(
                new WorkspaceCreated(MeshId.Parse("w1"), Slug.Parse("acme-2"), DisplayName.Parse("Acme"), MemberId.Parse("m1")),
                ProtocolJson.Default.WorkspaceCreated));
    }

    [Fact]
    public void A_workspace_is_created_from_its_documented_body()
    {
        string body = $$"""{"mesh_id":"5hEPsPdn527qgu13PT7ffPra3W1wTS1n","slug":"acme","name":"Acme","owner_pubkey":"{{new string('a', 64)}}","display_name":"alice","created_at":1795411815933,"proof":"{{Convert.ToBase64String(new byte[64])}}"}""";
        Assert.True(FrameReader.TryReadBody(Encoding.UTF8.GetBytes(body), out CreateWorkspace? create, out _));
        Assert.Equal(body, JsonSerializer.Serialize(create, ProtocolJson.Default.CreateWorkspace));

        string other = body.Replace("5hEPsPdn527qgu13PT7ffPra3W1wTS1n", "acme", StringComparison.Ordinal);
        Assert.False(FrameReader.TryReadBody(Encoding.UTF8.GetBytes(other), out create, out MeshError? refusal));
        Assert.Contains("mesh_id must be 32 letters and digits", refusal.Message, StringComparison.Ordinal);
    }
}
