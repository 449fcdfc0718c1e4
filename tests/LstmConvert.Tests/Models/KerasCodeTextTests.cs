using System.Diagnostics;
using LstmConvert.KerasLayers;
using LstmConvert.Models;

namespace LstmConvert.Tests.Models;

/// <summary>What the printed code looks like, and what it refuses.</summary>
public sealed class KerasCodeTextTests
{
    [Fact]
    public void A_chain_uses_one_variable_and_says_every_argument_that_Kerases_differ_in()
    {
        var model = ModelOrder.Of(
            [new("x", 4)],
                [new("gru", Gru.Layer(3, resetAfter: false), [new("x")]), new("turned", ReverseTime.Layer(), [new("gru")]),
                new("head", Dense.Layer(2), [new("turned")])], [new("head")]);
        Assert.Equal(
            """
            from keras.layers import Input, GRU, Lambda, Dense
            from keras.models import Model
            x = Input(shape=(None, 4))
            y = GRU(3, activation="tanh", recurrent_activation="sigmoid", reset_after=False, return_sequences=True, name="gru")(x)
            y = Lambda(lambda t: t.flip(1) if hasattr(t, "flip") else t[:, ::-1])(y)  # go_backwards gives its outputs last step first
            y = Dense(2, name="head")(y)
            model = Model(x, y)
            model.load_weights("o.h5", by_name=True)

            """.ReplaceLineEndings("\n"),
            KerasCode.Write(model, "o.h5"));
    }

    [Fact]
    public void A_backward_layer_in_a_model_with_masks_hands_the_mask_on()
    {
        var model = ModelOrder.Of(
            [new("x", 4)],
            [new("mask", Masking.Layer(), [new("x")]), new("back", Lstm.Layer(3).Backward(), [new("mask")]),
                new("turned", ReverseTime.Layer(), [new("back")])],
            [new("turned")]);
        var code = KerasCode.Write(model, "o.h5");
        Assert.Contains("Masking(-1e9)(x)  # ", code, StringComparison.Ordinal);
        Assert.Contains("else t[:, ::-1], mask=lambda t, m: m)(y)", code, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain name.h5")]
    [InlineData("a\"b'c\\d.h5")]
    [InlineData("line\nfeed\ttab\0nul\u001b[31m\u2028\u202e.h5")]
    [InlineData("größe-层-😀.h5")]
    [InlineData("{x} {{y}} %s ''' \"\"\"")]
    public void Python_reads_a_quoted_text_as_it_is(string text)
    {
        var program = $"import sys\nsys.stdout.buffer.write({PythonText.Quoted(text)}.encode())";
        var start = new ProcessStartInfo("/usr/bin/python3", ["-c", program]) { RedirectStandardOutput = true };
        start.Environment["PYTHONUTF8"] = "1";
        if (!File.Exists(start.FileName))
        {
            Assert.Skip("python3 is not installed.");
        }

        using var python = Process.Start(start)!;
        using var bytes = new MemoryStream();
        python.StandardOutput.BaseStream.CopyTo(bytes);
        Assert.Equal(text, System.Text.Encoding.UTF8.GetString(bytes.ToArray()));
        Assert.DoesNotContain(PythonText.Quoted(text), letter => char.IsControl(letter) || letter is '\u2028' or '\u202e');
    }

    [Fact]
    public void A_layer_that_is_not_known_is_refused_by_name()
    {
        var model = ModelOrder.Of([new("x", 4)], [new("own", UnknownLayer.Of("MyAttention", "{}"), [new("x")])], [new("own")]);
        Assert.Contains(
            "MyAttention", Assert.Throws<UnsupportedModelException>(() => KerasCode.Write(model, "o.h5")).Message,
            StringComparison.Ordinal);
    }
}
