using System.Net.Http.Headers;
using Claudemesh.Broker.Tests.Rest;
using Claudemesh.Broker.Tests.Topics;
using Claudemesh.TestKit;

namespace Claudemesh.Broker.Tests.OpenApi;

/// <summary>What others generate from the document works against a broker.</summary>
public sealed class GeneratedClientTests
{
    private const string RoundTrip =
        """
        using Claudemesh.Generated;

        public static class Program
        {
            public static async Task<string[]> RunAsync(HttpClient http)
            {
                ClaudemeshClient client = new(http);
                TopicCreated made = await client.PostTopicsAsync(new TopicCreate { Name = "deploys", Visibility = TopicVisibility.Public });
                MessagePosted posted = await client.PostMessagesAsync("one-and-only", new PostMessage { Topic = "deploys", Text = "v2 is out", Priority = Priority.Next });
                TopicRowPage page = await client.GetTopicMessagesAsync("deploys", 10, null, null);
                TopicRow row = page.Messages.Single();
                NotificationRows mentions = await client.GetNotificationsAsync(null, true, null, null);
                string refusal = "";
                try
                {
                    await client.GetTopicAsync("nowhere");
                }
                catch (ApiException<Problem> refused)
                {
                    refusal = refused.StatusCode + " " + refused.Result.Code;
                }

                return [made.Topic.Name, posted.Topic, row.Id == posted.MessageId ? "same" : "another", row.Text ?? "", row.Encrypted.ToString(), mentions.Notifications.Single().TopicName, refusal];
            }
        }
        """;

    [Fact]
    public async Task A_client_that_nswag_made_makes_a_topic_posts_in_it_reads_it_lists_notifications_and_is_refused_with_a_code()
    {
        await using TestMesh mesh = await TestMesh.StartAsync();
        await using TestPeer bob = await mesh.JoinAsync("bob");
        await bob.Socket.PostAsync(await bob.Socket.GeneralAsync(), "look, @owner", mentions: ["owner"]);
        using TestKey key = await mesh.OwnerKeyAsync();
        string document = await mesh.Broker.Http.GetStringAsync(new Uri("/openapi.json", UriKind.Relative));
        using HttpClient http = new() { BaseAddress = mesh.Broker.Url, Timeout = TestSocket.Patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);

        string[] said = await GeneratedClient.RunAsync(document, RoundTrip, http);

        Assert.Equal(["deploys", "deploys", "same", "v2 is out", "False", "general", "404 topic_not_found"], said);
    }
}
