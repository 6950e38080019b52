using Claudemesh.Broker.Messaging.Delivery;
using Claudemesh.Protocol.Signing;

namespace Claudemesh.Broker.Objects;

/// <summary>Names an object. A name can have a sealed and a plain one: they are two.</summary>
internal readonly record struct ObjectKey(MeshNo Mesh, ObjectKind Kind, bool Plain, string Name);
