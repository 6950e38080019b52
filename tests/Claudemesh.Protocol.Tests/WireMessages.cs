using System.Buffers;
using System.Reflection;
using System.Text;

namespace Claudemesh.Protocol.Tests;

/// <summary>Every message record of the product, found by reflection, so that a new one cannot be forgotten.</summary>
public static class WireMessages
{
    private delegate object? Reader(ReadOnlySpan<byte> frame, out MeshError? refusal);

    private static readonly MethodInfo ReadMethod = typeof(WireMessages).GetMethod(nameof(ReadAs), BindingFlags.Static | BindingFlags.NonPublic)!;
    private static readonly MethodInfo WriteMethod = typeof(WireMessages).GetMethod(nameof(WriteAs), BindingFlags.Static | BindingFlags.NonPublic)!;

    public static IReadOnlyDictionary<string, Type> ByWireType { get; } = typeof(IMessage).Assembly.GetExportedTypes()
        .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(IMessage)))
        .ToDictionary(type => (string)type.GetProperty("WireType", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!, StringComparer.Ordinal);

    public static object? Read(Type type, ReadOnlySpan<byte> frame, out MeshError? refusal) =>
        ReadMethod.MakeGenericMethod(type).CreateDelegate<Reader>()(frame, out refusal);

    public static string Write(object message, string requestId)
    {
        ArrayBufferWriter<byte> to = new();
        WriteMethod.MakeGenericMethod(message.GetType()).Invoke(null, [to, message, Encoding.UTF8.GetBytes(requestId)]);
        return Encoding.UTF8.GetString(to.WrittenSpan);
    }

    private static object? ReadAs<T>(ReadOnlySpan<byte> frame, out MeshError? refusal)
        where T : class, IMessage =>
        FrameReader.TryRead(frame, out T? message, out refusal) ? message : null;

    private static void WriteAs<T>(IBufferWriter<byte> to, T message, byte[] requestId)
        where T : class, IMessage =>
        FrameWriter.Write(to, message, requestId);
}
