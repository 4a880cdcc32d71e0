using OrderFlow.Messaging.Envelope;
using OrderFlow.Tests.Support.RabbitMQ;
using RabbitMQ.Client;

namespace OrderFlow.Tests.Messaging;

public sealed class PackedMessagesTests
{
    [Fact]
    public void Messages_come_out_as_they_went_in_with_text_as_bytes()
    {
        var full = new BasicProperties
        {
            Type = "order.created",
            MessageId = "m-1",
            CorrelationId = "übergröße",
            AppId = "gateway",
            ContentType = "application/protobuf",
            ContentEncoding = "gzip",
            Timestamp = new AmqpTimestamp(1_800_000_000),
            Headers = new Dictionary<string, object?>
            {
                ["text"] = "größer", ["bytes"] = new byte[] { 0, 255 }, ["long"] = long.MinValue, ["int"] = -1, ["flag"] = true,
            },
        };

        var unpacked = PackedMessages.Unpack(PackedMessages.Pack([(full, new byte[300]), (new BasicProperties(), Array.Empty<byte>())]));

        unpacked.Count.ShouldBe(2);
        var (properties, body) = unpacked[0];
        (properties.Type, properties.MessageId, properties.CorrelationId, properties.AppId).ShouldBe(
            ("order.created", "m-1", "übergröße", "gateway"));
        (properties.ContentType, properties.ContentEncoding, properties.Timestamp.UnixTime).ShouldBe(
            ("application/protobuf", "gzip", 1_800_000_000));
        properties.Headers!["text"].ShouldBe("größer"u8.ToArray());
        properties.Headers["bytes"].ShouldBe(new byte[] { 0, 255 });
        (properties.Headers["long"], properties.Headers["int"], properties.Headers["flag"]).ShouldBe((long.MinValue, -1, true));
        body.ToArray().ShouldBe(new byte[300]);
        (unpacked[1].Properties.Type, unpacked[1].Properties.MessageId, unpacked[1].Body.Length).ShouldBe((null, null, 0));
    }

    [Fact]
    public void Whatever_is_cut_or_changed_is_an_error_or_messages_and_nothing_else()
    {
        var packed = PackedMessages.Pack(
            [(new BasicProperties { Type = "t", Headers = new Dictionary<string, object?> { ["h"] = "v" } }, new byte[10])]);
        for (var length = 0; length < packed.Length; length++)
        {
            if (length != 1)
            {
                Should.Throw<InvalidDataException>(() => PackedMessages.Unpack(packed[..length]));
            }
        }

        var random = new Random(1);
        for (var round = 0; round < 20_000; round++)
        {
            var changed = packed.ToArray();
            random.NextBytes(changed.AsSpan(random.Next(changed.Length), 1));
            try
            {
                PackedMessages.Unpack(changed).Count.ShouldBeLessThan(packed.Length);
            }
            catch (InvalidDataException)
            {
                // As it should be.
            }
        }
    }

    [Fact]
    public void What_is_as_in_the_message_before_is_written_once()
    {
        BasicProperties[] all =
        [
            .. Enumerable.Range(0, 3).Select(number => new BasicProperties
            {
                Type = "order.created",
                MessageId = $"m-{number}",
                Headers = new Dictionary<string, object?> { [HeaderNames.Flow] = "OrderCreationFlow", ["of my own"] = "text" },
            }),
            new BasicProperties { Headers = new Dictionary<string, object?> { [HeaderNames.Flow] = "another" } },
        ];

        var packed = PackedMessages.Pack(all.Select(one => ((IReadOnlyBasicProperties)one, ReadOnlyMemory<byte>.Empty)));

        var unpacked = PackedMessages.Unpack(packed).ConvertAll(one => one.Properties);
        unpacked.Select(one => (one.Type, one.MessageId, one.Text(HeaderNames.Flow), one.Text("of my own"))).ShouldBe(
        [
            ("order.created", "m-0", "OrderCreationFlow", "text"),
            ("order.created", "m-1", "OrderCreationFlow", "text"),
            ("order.created", "m-2", "OrderCreationFlow", "text"),
            (null, null, "another", null),
        ]);
        System.Text.Encoding.UTF8.GetString(packed.Span).Split("OrderCreationFlow").Length.ShouldBe(2);
    }

    [Fact]
    public void More_messages_than_one_may_carry_are_refused()
    {
        var packed = PackedMessages.Pack(
            Enumerable.Range(0, PackedMessages.Most + 1).Select(
                _ => ((IReadOnlyBasicProperties)new BasicProperties(), ReadOnlyMemory<byte>.Empty)));

        Should.Throw<InvalidDataException>(() => PackedMessages.Unpack(packed)).Message.ShouldContain("more than 1000");
    }

    [Fact]
    public void A_header_of_another_kind_cannot_be_packed()
    {
        var properties = new BasicProperties { Headers = new Dictionary<string, object?> { ["x-death"] = new List<object>() } };

        PackedMessages.CanPack(properties).ShouldBeFalse();
        PackedMessages.CanPack(new BasicProperties { Expiration = "1000" }).ShouldBeFalse();
        PackedMessages.CanPack(new BasicProperties { ContentType = PackedMessages.ContentType }).ShouldBeFalse();
        PackedMessages.CanPack(new BasicProperties()).ShouldBeTrue();
    }
}
