using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Claudemesh.Local;

namespace Claudemesh.Cli.Tests.Local;

/// <summary>The daemon writes with the one context what a session's program reads with the other.</summary>
public sealed class SessionJsonTests
{
    [Fact]
    public void Every_record_of_a_session_is_one_of_the_local_API()
    {
        Assert.NotEmpty(Records<SessionJson>());
        Assert.Subset(Records<LocalJson>(), Records<SessionJson>());
    }

    [Fact]
    public void Both_contexts_write_and_read_by_the_same_rules()
    {
        PropertyInfo[] rules = [.. typeof(JsonSerializerOptions).GetProperties().Where(rule => rule.PropertyType.IsValueType || rule.PropertyType == typeof(JsonNamingPolicy))];

        Assert.Contains(rules, rule => rule.Name == nameof(JsonSerializerOptions.RespectNullableAnnotations));
        Assert.All(rules, rule => Assert.Equal(rule.GetValue(LocalJson.Default.Options), rule.GetValue(SessionJson.Default.Options)));
    }

    private static HashSet<Type> Records<TContext>()
        where TContext : JsonSerializerContext =>
        [.. typeof(TContext).GetCustomAttributesData()
            .Where(attribute => attribute.AttributeType == typeof(JsonSerializableAttribute))
            .Select(attribute => (Type)attribute.ConstructorArguments[0].Value!)];
}
