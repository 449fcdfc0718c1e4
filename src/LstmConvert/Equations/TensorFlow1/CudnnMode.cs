namespace LstmConvert.Equations.TensorFlow1;

/// <summary>What a CudnnRNN operation computes (its attribute <c>rnn_mode</c>).</summary>
internal enum CudnnMode
{
    /// <summary>LSTM: four gates.</summary>
    Lstm,

    /// <summary>GRU: three.</summary>
    Gru,

    /// <summary>A plain RNN with tanh.</summary>
    RnnTanh,

    /// <summary>A plain RNN with relu.</summary>
    RnnRelu,
}
