using Google.Protobuf;
using LstmConvert.Conversion;
using LstmConvert.Formats;
using LstmConvert.KerasFiles;
using LstmConvert.Recognition;
using LstmConvert.TensorFlow.Protos;
using LstmConvert.Tensors;

namespace LstmConvert.Tests.KerasFiles;

/// <summary>SavedModels whose parts do not belong together, or whose objects lead round in circles: each ends, in our exception or in the
/// model that it was.</summary>
public sealed class HostileSavedModelTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string folder = Directory.CreateTempSubdirectory().FullName;

    public static TheoryData<string> Models => ["tf-2.1.4-lstm", "tf-2.4.4-stacked", "tf-2.15.1-bidirectional-sum", "tf-2.15.1-cells"];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    /// <summary>Programs hold each other: a layer knows its model. Such edges change nothing, whatever they are called.</summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Objects_that_lead_back_to_others_change_nothing(string name)
    {
        var path = Copy(name);
        Change(path, nodes =>
        {
            for (var k = 0; k < nodes.Count; k++)
            {
                Lead(nodes[k], "self", k);
                Lead(nodes[k], "layer-99", 0);
                Lead(nodes[k], "cells", 0);
                Lead(nodes[k], "0", (k * 7) % nodes.Count);
            }
        });
        Assert.Equal(Weights(Path.Combine(Shared.Goldens, "saved-models", name, "saved_model")), Weights(path));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void An_object_in_place_of_what_it_holds_is_refused(string name)
    {
        var path = Copy(name);
        Change(path, nodes =>
        {
            for (var k = 0; k < nodes.Count; k++)
            {
                foreach (var child in nodes[k].Children.Where(child => child.LocalName is "cell" or "layer" or "kernel" or "forward_layer"))
                {
                    child.NodeId = k;
                }
            }
        });
        Refused(path, "");
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_without_one_of_its_variables_is_refused_by_the_layers_name(string name)
    {
        var path = Copy(name);
        Change(path, nodes =>
        {
            foreach (var node in nodes)
            {
                var without = node.Children.Where(child => child.LocalName != "recurrent_kernel").ToArray();
                node.Children.Clear();
                node.Children.AddRange(without);
            }
        });
        Refused(path, "recurrent_kernel");
    }

    [Theory]
    [InlineData("tf-2.15.1-lstm", "tf-2.15.1-stacked")]
    [InlineData("tf-2.15.1-stacked", "tf-2.15.1-lstm")]
    [InlineData("tf-2.15.1-cells", "tf-2.15.1-bidirectional-sum")]
    [InlineData("tf-2.15.1-gru-backwards", "tf-2.15.1-tagger")]
    public void A_model_with_the_configuration_of_another_is_refused(string name, string other)
    {
        var path = Copy(name);
        File.Copy(
            Path.Combine(Shared.Goldens, "saved-models", other, "saved_model", "keras_metadata.pb"),
            Path.Combine(path, "keras_metadata.pb"),
            overwrite: true);
        Refused(path, "");
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{\"class_name\": 3}")]
    [InlineData("{\"class_name\": \"Sequential\", \"config\": {\"layers\": [{}]}}")]
    [InlineData("{\"class_name\": \"Functional\", \"config\": {\"layers\": [], \"input_layers\": [[\"a\", 0, 0]], \"output_layers\": [[\"a\", 0, 0]]}}")]
    public void A_configuration_that_is_none_is_refused(string text)
    {
        var path = Copy("tf-2.15.1-lstm");
        var file = Path.Combine(path, "keras_metadata.pb");
        var metadata = SavedMetadata.Parser.ParseFrom(File.ReadAllBytes(file));
        metadata.Nodes.First(node => node.NodeId == 0).Metadata = text;
        File.WriteAllBytes(file, metadata.ToByteArray());
        Refused(path, "");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1_000_000)]
    public void An_edge_that_leads_nowhere_is_refused(int id)
    {
        var path = Copy("tf-2.15.1-lstm");
        Change(path, nodes => Lead(nodes[0], "layer-99", id));
        Refused(path, "leads to object");
    }

    private static void Lead(SavedObject from, string name, int to) =>
        from.Children.Add(new TrackableObjectGraph.Types.TrackableObject.Types.ObjectReference { LocalName = name, NodeId = to });

    /// <summary>Changes the objects; fields that our protos leave out are kept as they are.</summary>
    private static void Change(string path, Action<IList<SavedObject>> change)
    {
        var file = Path.Combine(path, "saved_model.pb");
        var model = SavedModelObjects.Parser.ParseFrom(File.ReadAllBytes(file));
        change(model.MetaGraphs[0].ObjectGraphDef.Nodes);
        File.WriteAllBytes(file, model.ToByteArray());
    }

    private static double[] Weights(string path) => Ending(() =>
    {
        using var set = SourceCatalog.Open(path, new SourceOptions());
        return StoredWeights
            .Leaves(SavedKerasModel.Read(set)!)
            .SelectMany(leaf => leaf.Use.Stored)
            .SelectMany(weight => weight.ToDoubles())
            .ToArray();
    });

    /// <summary>Both ways to it end in a sentence: as a whole model, and its recurrent layers alone, unless these are whole.</summary>
    private static void Refused(string path, string words)
    {
        var refused = Assert.ThrowsAny<LstmConvertException>(() => Ending(() => WholeModelPlan.Open(path)));
        Assert.True(refused is UnreadableInputException or UnsupportedModelException, refused.GetType().Name);
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        try
        {
            Ending(() =>
            {
                using var source = RecurrentSource.Open(path);
                return source.Plan();
            });
        }
        catch (LstmConvertException)
        {
            // One of ours: what is asked for.
        }
    }

    private static T Ending<T>(Func<T> action)
    {
        var run = Task.Run(action);
        Assert.True(Task.WhenAny(run, Task.Delay(Patience)).GetAwaiter().GetResult() == run, "It does not end.");
        return run.GetAwaiter().GetResult();
    }

    private string Copy(string name)
    {
        var from = Path.Combine(Shared.Goldens, "saved-models", name, "saved_model");
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, name, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
            File.SetAttributes(target, FileAttributes.Normal);
        }

        return Path.Combine(folder, name);
    }
}
