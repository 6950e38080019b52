using System.Diagnostics;
using System.Text;
using Claudemesh.Load.Sockets;

namespace Claudemesh.Load.Mesh;

/// <summary>Who is to be connected, and how.</summary>
internal readonly record struct Seat(LoadMesh Mesh, LoadMember Member, HelloKind Kind);

/// <summary>Connects all seats, some at a time, until each has been welcomed.</summary>
/// <param name="behind">Gets what arrives and is not part of a handshake.</param>
internal sealed class Greeting(IReadOnlyList<Seat> seats, int atOnceMax, ITraffic? behind = null) : ITraffic
{
    private readonly LoadSocket[] sockets = new LoadSocket[seats.Count];
    private int opened;
    private int welcomed;

    public IReadOnlyList<LoadSocket> Sockets => sockets;

    public bool IsDone => welcomed == seats.Count;

    public int Welcomed => welcomed;

    public long OnTurn(EventLoop loop, long now)
    {
        while (opened < seats.Count && opened - welcomed < atOnceMax)
        {
            LoadSocket socket = loop.Open();
            socket.Peer = opened;
            sockets[opened++] = socket;
        }

        return now + Stopwatch.Frequency;
    }

    public void OnOpen(EventLoop loop, LoadSocket socket)
    {
        Seat seat = seats[socket.Peer];
        if (seat.Kind == HelloKind.Legacy)
            loop.Send(socket, Hellos.Legacy(seat.Mesh.Id, seat.Member));
    }

    public void OnText(EventLoop loop, LoadSocket socket, ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> type = JsonText.Type(text);
        if (type.SequenceEqual("challenge"u8))
        {
            Seat seat = seats[socket.Peer];
            if (seat.Kind == HelloKind.Member)
                loop.Send(socket, Hellos.Member(seat.Mesh.Id, seat.Member, text));
        }
        else if (type.SequenceEqual("hello_ack"u8) || type.SequenceEqual("member_welcome"u8))
        {
            welcomed++;
        }
        else if (type.SequenceEqual("error"u8))
        {
            throw new InvalidOperationException("A hello was refused: " + Encoding.UTF8.GetString(text));
        }
        else
        {
            behind?.OnText(loop, socket, text);
        }
    }

    public void OnClosed(EventLoop loop, LoadSocket socket) =>
        throw new InvalidOperationException($"The server closed connection {socket.Peer} of {seats.Count} while the others were connecting.");
}
