using System.Buffers;
using Google.Protobuf;

namespace LstmConvert.TensorFlow;

/// <summary>Messages of TensorFlow as bytes.</summary>
internal static class Message
{
    /// <summary>Reads a message; fields that are not in our protos are not kept.</summary>
    /// <typeparam name="T">The message.</typeparam>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="file">The file's name, for the sentence.</param>
    /// <param name="what">What the message is, as a phrase: <c>the header</c>.</param>
    /// <exception cref="UnreadableInputException">The bytes are no such message.</exception>
    public static T Parse<T>(ReadOnlyMemory<byte> bytes, string file, string what)
        where T : IMessage<T>, new()
    {
        try
        {
            return Of<T>.Parser.ParseFrom(new ReadOnlySequence<byte>(bytes));
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new UnreadableInputException(
                $"{file} is damaged: {what} cannot be read ({e.Message.TrimEnd('.')}). Copy or download it again.",
                e);
        }
    }

    /// <summary>The bytes of a message.</summary>
    public static byte[] Write<T>(T message)
        where T : IMessage<T> => message.ToByteArray();

    private static class Of<T>
        where T : IMessage<T>, new()
    {
        public static readonly MessageParser<T> Parser = new MessageParser<T>(() => new T()).WithDiscardUnknownFields(true);
    }
}
