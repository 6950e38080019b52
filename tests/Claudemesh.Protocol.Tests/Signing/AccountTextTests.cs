using Claudemesh.Protocol.Signing;

namespace Claudemesh.Protocol.Tests.Signing;

/// <summary>What accounts and devices sign is read back as it was written, and in no other form.</summary>
public sealed class AccountTextTests
{
    private static readonly PublicKey One = new(Enumerable.Repeat((byte)1, 32).ToArray());
    private static readonly PublicKey Two = new(Enumerable.Repeat((byte)2, 32).ToArray());
    private static readonly PublicKey Three = new(Enumerable.Repeat((byte)3, 32).ToArray());

    private static readonly DeviceApprovalText Approval = new("user1", "BCDF-GHJK", One, "laptop é", Two, 3, Three, 1_700_000_000_000);
    private static readonly AccountText First = new("user1", 1, One, Two, 1_700_000_000_000);
    private static readonly AccountRenewalText Renewal = new("user1", 2, One, Two, [Three, One], 1_700_000_000_000);
    private static readonly MemberClaimText Claim = new("mesh1", "user1", One, 1_700_000_000_000);

    [Fact]
    public void A_text_is_read_back_as_it_was_written()
    {
        Assert.True(DeviceApprovalText.TryParse(SignedBytes.Of(Approval), out DeviceApprovalText approval));
        Assert.Equal(Approval, approval);
        Assert.True(AccountText.TryParse(SignedBytes.Of(First), out AccountText first));
        Assert.Equal(First, first);
        Assert.True(MemberClaimText.TryParse(SignedBytes.Of(Claim), out MemberClaimText claim));
        Assert.Equal(Claim, claim);

        Assert.True(AccountRenewalText.TryParse(SignedBytes.Of(Renewal), out AccountRenewalText renewal));
        Assert.Equal([One, Three], renewal.RemovedDevices);
        Assert.Equal(Renewal with { RemovedDevices = [] }, renewal with { RemovedDevices = [] });
        Assert.Equal(SignedBytes.Of(Renewal), SignedBytes.Of(renewal));
    }

    [Fact]
    public void A_recovered_device_has_no_user_code()
    {
        byte[] bytes = SignedBytes.Of(Approval with { UserCode = "" });

        Assert.True(DeviceApprovalText.TryParse(bytes, out DeviceApprovalText read));
        Assert.Equal("", read.UserCode);
    }

    [Fact]
    public void A_text_that_is_cut_or_longer_or_another_is_not_read()
    {
        byte[][] texts = [SignedBytes.Of(Approval), SignedBytes.Of(First), SignedBytes.Of(Renewal), SignedBytes.Of(Claim)];
        for (int i = 0; i < texts.Length; i++)
        {
            for (int length = 0; length < texts[i].Length; length++)
                Assert.False(Reads(i, texts[i][..length]));

            Assert.False(Reads(i, [.. texts[i], 0]));
            Assert.False(Reads(i, new byte[8_000]));
            for (int other = 0; other < texts.Length; other++)
                Assert.Equal(other == i, Reads(i, texts[other]));
        }
    }

    [Fact]
    public void A_generation_that_cannot_be_is_not_read()
    {
        Assert.False(Reads(0, SignedBytes.Of(Approval with { Generation = 0 })));
        Assert.False(Reads(1, SignedBytes.Of(First with { Generation = 0 })));
        Assert.False(Reads(2, SignedBytes.Of(Renewal with { Generation = 1 })));
    }

    [Fact]
    public void Removed_devices_twice_or_out_of_order_are_not_read()
    {
        Assert.False(Reads(2, Joined([.. Three.Span, .. One.Span])));
        Assert.False(Reads(2, Joined([.. One.Span, .. One.Span])));
        Assert.False(Reads(2, Joined([.. One.Span, 7])));
        Assert.True(Reads(2, Joined([.. One.Span, .. Three.Span])));
        Assert.True(Reads(2, Joined([])));
    }

    [Fact]
    public void The_most_devices_that_an_account_has_fit_into_a_renewal()
    {
        PublicKey[] most = [.. Enumerable.Range(0, AccountRenewalText.DevicesMax).Select(i => new PublicKey([.. One.Span[..31], (byte)i]))];

        Assert.True(Reads(2, SignedBytes.Of(Renewal with { UserId = new string('u', 64), RemovedDevices = most })));
    }

    private static byte[] Joined(byte[] removed)
    {
        SignedBytes bytes = new(stackalloc byte[512]);
        bytes.Label(AccountRenewalText.Label);
        bytes.Id("user1");
        bytes.Number(2);
        bytes.Key(One);
        bytes.Key(Two);
        bytes.Field(removed);
        bytes.Number(5);
        byte[] written = bytes.Written.ToArray();
        bytes.Dispose();
        return written;
    }

    private static bool Reads(int kind, byte[] bytes) => kind switch
    {
        0 => DeviceApprovalText.TryParse(bytes, out _),
        1 => AccountText.TryParse(bytes, out _),
        2 => AccountRenewalText.TryParse(bytes, out _),
        _ => MemberClaimText.TryParse(bytes, out _),
    };
}
