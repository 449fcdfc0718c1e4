"""Models of Keras's stock layers around recurrent ones: build(name) saves one into the working directory (model.keras, model.h5) with
random weights, inputs and what Keras predicts (io.npz: x0, x1 ..., y0, y1 ...); predict(file) saves a file's predictions (y.npz)."""
import sys
import keras
import numpy as np

L, K = keras.layers, keras
cases = {}


def seq(name, shape, layers):
    cases[name] = (shape, layers)


R=lambda n=4,**k: L.LSTM(n,**k)
RS=lambda n=4,**k: L.LSTM(n,return_sequences=True,**k)
T=(8,3)
for n,l in {
    'zeropad': lambda: L.ZeroPadding1D((1,2)),
    'zeropad-int': lambda: L.ZeroPadding1D(2),
    'crop': lambda: L.Cropping1D((1,2)),
    'upsample': lambda: L.UpSampling1D(3),
    'sdrop': lambda: L.SpatialDropout1D(0.3),
    'gnoise': lambda: L.GaussianNoise(0.2),
    'gdrop': lambda: L.GaussianDropout(0.2),
    'adrop': lambda: L.AlphaDropout(0.2),
    'actreg': lambda: L.ActivityRegularization(l1=0.1,l2=.2),
    'elu': lambda: L.ELU(0.7),
    'prelu': lambda: L.PReLU(),
    'prelu-shared': lambda: L.PReLU(shared_axes=[1]),
    'leaky': lambda: L.LeakyReLU(0.17),
    'relu': lambda: L.ReLU(max_value=1.,negative_slope=.1,threshold=.2),
    'softmax': lambda: L.Softmax(),
    'softmax-ax1': lambda: L.Softmax(axis=1),
    'bn': lambda: L.BatchNormalization(),
    'bn-ax1': lambda: L.BatchNormalization(axis=1),
    'bn-nocenter': lambda: L.BatchNormalization(center=False),
    'ln': lambda: L.LayerNormalization(),
    'ln-1': lambda: L.LayerNormalization(axis=1),
    'gn': lambda: L.GroupNormalization(groups=3),
    'gn-1': lambda: L.GroupNormalization(groups=-1),
    'unitnorm': lambda: L.UnitNormalization(),
    'unitnorm-1': lambda: L.UnitNormalization(axis=1),
    'rms': lambda: L.RMSNormalization(),
    'rescaling': lambda: L.Rescaling(0.5,offset=.1),
    'rescaling-list': lambda: L.Rescaling([0.5,1.,2.],offset=.1),
    'perm': lambda: L.Permute((2,1)),
    'reshape': lambda: L.Reshape((4,6)),
    'reshape-neg': lambda: L.Reshape((-1,2)),
    'dense': lambda: L.Dense(5,activation='gelu'),
    'td-dense': lambda: L.TimeDistributed(L.Dense(5,activation='selu')),
    'td-bn': lambda: L.TimeDistributed(L.BatchNormalization()),
    'td-drop': lambda: L.TimeDistributed(L.Dropout(.3)),
    'td-act': lambda: L.TimeDistributed(L.Activation('tanh')),
    'td-ln': lambda: L.TimeDistributed(L.LayerNormalization()),
    'identity': lambda: L.Identity(),
    'act-swish': lambda: L.Activation('swish'),
    'act-mish': lambda: L.Activation('mish'),
    'act-exp': lambda: L.Activation('exponential'),
    'act-ls': lambda: L.Activation('log_softmax'),
    'act-relu6': lambda: L.Activation('relu6'),
    'act-leaky': lambda: L.Activation('leaky_relu'),
    'act-hs': lambda: L.Activation('hard_silu'),
    'act-tanhshrink': lambda: L.Activation('tanh_shrink'),
    'act-glu-lstm': lambda: L.LSTM(3,activation='softsign',recurrent_activation='hard_sigmoid',return_sequences=True),
}.items():
    seq(n, T, lambda l=l: [l(), RS(4), R(3), L.Dense(2)])
for n,ls in {
    'gmax': lambda: [RS(),L.GlobalMaxPooling1D(),L.Dense(2)],
    'gavg': lambda: [RS(),L.GlobalAveragePooling1D(),L.Dense(2)],
    'gavg-keep': lambda: [RS(),L.GlobalAveragePooling1D(keepdims=True),R()],
    'gavg-masked': lambda: [L.Masking(0.),RS(),L.GlobalAveragePooling1D(),L.Dense(2)],
    'gmax-masked': lambda: [L.Masking(0.),RS(),L.GlobalMaxPooling1D(),L.Dense(2)],
    'flatten': lambda: [RS(),L.Flatten(),L.Dense(2)],
    'repeat': lambda: [R(),L.RepeatVector(5),RS(3),L.TimeDistributed(L.Dense(2))],
    'bi-gru': lambda: [L.Bidirectional(L.GRU(4,return_sequences=True)),L.Bidirectional(L.GRU(3),merge_mode='mul'),L.Dense(2)],
    'bi-ave': lambda: [L.Bidirectional(L.LSTM(4,return_sequences=True),merge_mode='ave'),R()],
    'bi-diff': lambda: [L.Bidirectional(L.LSTM(4,return_sequences=True),
        backward_layer=L.GRU(4,return_sequences=True,go_backwards=True)),R()],
    'bi-rnn': lambda: [L.Bidirectional(L.RNN(L.LSTMCell(4),return_sequences=True)),R()],
    'bi-rnn-stacked': lambda: [L.Bidirectional(L.RNN([L.LSTMCell(4),L.GRUCell(3)],return_sequences=True)),R()],
    'rnn-stacked': lambda: [L.RNN([L.LSTMCell(4),L.GRUCell(3,reset_after=False),L.SimpleRNNCell(5)]),L.Dense(2)],
    'rnn-gru': lambda: [L.RNN(L.GRUCell(4),return_sequences=True,go_backwards=True),R()],
    'td-lstm': lambda: [L.Reshape((4,2,3)),L.TimeDistributed(L.LSTM(3)),R()],
    'td-bilstm': lambda: [L.Reshape((4,2,3)),L.TimeDistributed(L.Bidirectional(L.LSTM(3))),R()],
    'td-model': lambda: [L.Reshape((2,4,3)),L.TimeDistributed(K.Sequential([K.Input((4,3)),L.Dense(5),L.LSTM(3)])),R()],
    'td-func': lambda: [L.Reshape((2,4,3)),L.TimeDistributed(func_inner()),R()],
    'pad2d': lambda: [L.Reshape((4,3,2)),L.ZeroPadding2D(((1,0),(0,2))),L.Reshape((5,10)),R()],
    'pad2d-int': lambda: [L.Reshape((4,3,2)),L.ZeroPadding2D(1),L.Reshape((6,10)),R()],
    'crop2d': lambda: [L.Reshape((4,3,2)),L.Cropping2D(((1,0),(0,1))),L.Reshape((3,4)),R()],
    'up2d': lambda: [L.Reshape((4,3,2)),L.UpSampling2D((2,1)),L.Reshape((8,6)),R()],
    'gpool2d': lambda: [L.Reshape((4,3,2)),L.TimeDistributed(L.Dense(3)),L.GlobalMaxPooling2D(),L.RepeatVector(3),R()],
    'pad3d': lambda: [L.Reshape((4,3,2,1)),L.ZeroPadding3D(1),
        L.Cropping3D(((1,0),(0,0),(0,1))),L.UpSampling3D((1,2,1)),L.Reshape((5,30)),R()],
    'nested': lambda: [K.Sequential([K.Input((8,3)),RS(5),L.Dense(3)]),func_inner8(),R()],
    'mask-drop': lambda: [L.Masking(0.),L.Dropout(.2),L.LSTM(4,return_sequences=True,dropout=.1,recurrent_dropout=.2),
        L.GRU(3,reset_after=False)],
    'mask-td': lambda: [L.Masking(0.),L.TimeDistributed(L.Dense(4)),R()],
    'mask-bi': lambda: [L.Masking(0.),L.Bidirectional(L.LSTM(4,return_sequences=True)),L.Bidirectional(L.GRU(3))],
    'mask-bn': lambda: [L.Masking(0.),L.BatchNormalization(),L.LayerNormalization(),R()],
    'mask-zeroout': lambda: [L.Masking(0.),L.LSTM(4,return_sequences=True,zero_output_for_mask=True),L.Flatten(),L.Dense(3)],
    'nobias': lambda: [RS(4,use_bias=False),L.GRU(3,use_bias=False,return_sequences=True),L.SimpleRNN(3,use_bias=False)],
    'unroll': lambda: [RS(4,unroll=True),L.GRU(3,unroll=True)],
    'act-layer-elu': lambda: [L.LSTM(4,activation=L.ELU(alpha=0.6),return_sequences=True),L.GRU(3,recurrent_activation=L.ReLU(max_value=1.0))],
    'act-layer-relu': lambda: [L.SimpleRNN(4,activation=L.ReLU(max_value=1.5,negative_slope=0.1,threshold=0.2)),L.Dense(3,activation=L.Activation('softsign'))],
    'act-layer-leaky': lambda: [L.Dense(4,activation=L.LeakyReLU(negative_slope=0.15)),L.LSTM(3,activation=L.LeakyReLU(0.3))],
    'act-sparsemax': lambda: [L.Dense(5,activation='sparsemax'),RS(4),L.Activation('sparsemax'),R(3)],
    'frozen-nested': lambda: [K.Sequential([K.Input((8,3)),L.Dense(3,trainable=False),L.Dense(3),RS(4,trainable=False),RS(4)]),R(3)],
    'frozen-backward': lambda: [L.Bidirectional(RS(4,trainable=False),backward_layer=RS(4,go_backwards=True)),R(3)],
    'frozen-cells': lambda: [L.RNN([L.LSTMCell(4),L.GRUCell(3,trainable=False),L.SimpleRNNCell(5)]),L.Dense(2,trainable=False)],
    'ln-axes': lambda: [RS(4),L.LayerNormalization(axis=[1,2]),R(3)],
    'mask-rescaling': lambda: [L.Masking(0.),L.Rescaling(0.5,offset=.1),RS(4),R(3)],
    'minlstm': lambda: [L.LSTM(1)],
}.items(): seq(n, T, ls)


def func_inner():
    i=K.Input((4,3))
    a=L.Dense(3)(i)
    return K.Model(i,L.LSTM(2)(L.Add()([a,i])))


def func_inner8():
    i=K.Input((8,3))
    a=L.LSTM(3,return_sequences=True)(i)
    return K.Model(i,L.Concatenate()([a,i]))
E = {}



def f(fn):
    E[fn.__name__.replace('_', '-')] = fn
    return fn
I=lambda: K.Input((8,3))


@f
def mha():
    i=I()
    x=RS(6)(i)
    y=L.MultiHeadAttention(2,4)(x,x)
    return i,R()(L.Add()([x,y]))


@f
def mha_val():
    i=I()
    x=RS(6)(i)
    z=RS(5)(i)
    y=L.MultiHeadAttention(3,4,value_dim=5,output_shape=7,use_bias=False)(x,z,z)
    return i,R()(y)


@f
def mha_kw():
    i=I()
    x=RS(6)(i)
    z=RS(5)(i)
    y=L.MultiHeadAttention(3,4)(query=x,value=z,key=z)
    return i,R()(y)


@f
def mha_causal():
    i=I()
    x=RS(6)(i)
    y=L.MultiHeadAttention(2,4)(x,x,use_causal_mask=True)
    return i,R()(y)


@f
def mha_scores():
    i=I()
    x=RS(6)(i)
    y,s=L.MultiHeadAttention(2,4)(x,x,return_attention_scores=True)
    return i,[R()(y),s]


@f
def att():
    i=I()
    x=RS(6)(i)
    y=L.Attention()([x,x])
    return i,R()(y)


@f
def att_scale():
    i=I()
    x=RS(6)(i)
    z=RS(6)(i)
    y=L.Attention(use_scale=True)([x,z])
    return i,R()(y)


@f
def att_concat():
    i=I()
    x=RS(6)(i)
    y=L.Attention(score_mode='concat',use_scale=True)([x,x])
    return i,R()(y)


@f
def att_concat2():
    i=I()
    x=RS(6)(i)
    y=L.Attention(score_mode='concat')([x,x])
    return i,R()(y)


@f
def att_causal():
    i=I()
    x=RS(6)(i)
    y=L.Attention()([x,x],use_causal_mask=True)
    return i,R()(y)


@f
def att_scores():
    i=I()
    x=RS(6)(i)
    y,s=L.Attention()([x,x],return_attention_scores=True)
    return i,[R()(y),s]


@f
def addatt():
    i=I()
    x=RS(6)(i)
    z=RS(6)(i)
    y=L.AdditiveAttention()([x,z,x])
    return i,R()(y)


@f
def addatt_noscale():
    i=I()
    x=RS(6)(i)
    y=L.AdditiveAttention(use_scale=False)([x,x])
    return i,R()(y)


@f
def merges():
    i=I()
    a=RS(4)(i)
    b=RS(4)(i)
    return i,R()(L.Concatenate()([L.Add()([a,b]),L.Subtract()([a,b]),L.Multiply()([a,b]),
        L.Average()([a,b]),L.Maximum()([a,b]),L.Minimum()([a,b])]))


@f
def concat_ax1():
    i=I()
    a=RS(4)(i)
    b=RS(4)(i)
    return i,R()(L.Concatenate(axis=1)([a,b]))


@f
def dot():
    i=I()
    a=R(4)(i)
    b=R(4)(i)
    return i,L.Dot(axes=1)([a,b])


@f
def dot_norm():
    i=I()
    a=R(4)(i)
    b=R(4)(i)
    return i,L.Dot(axes=1,normalize=True)([a,b])


@f
def dot3():
    i=I()
    a=RS(4)(i)
    b=RS(4)(i)
    return i,R()(L.Dot(axes=(2,2))([a,b]))


@f
def dot3b():
    i=I()
    a=RS(4)(i)
    b=RS(4)(i)
    return i,R()(L.Dot(axes=[1,1])([a,b]))


@f
def broadcast_add():
    i=I()
    a=RS(4)(i)
    b=L.Reshape((1,4))(R(4)(i))
    return i,R()(L.Add()([a,b]))


@f
def broadcast_mul():
    i=I()
    a=RS(4)(i)
    b=L.Softmax(axis=1)(L.Dense(1)(a))
    return i,R()(L.Multiply()([a,b]))


@f
def attention_manual():
    i=I()
    h=RS(4)(i)
    a=L.Dense(1,activation='tanh')(h)
    a=L.Flatten()(a)
    a=L.Activation('softmax')(a)
    a=L.RepeatVector(4)(a)
    a=L.Permute([2,1])(a)
    return i,L.GlobalAveragePooling1D()(L.Multiply()([h,a]))


@f
def enc_dec():
    i=I()
    j=K.Input((5,2))
    o,h,c=L.LSTM(4,return_state=True)(i)
    d=L.LSTM(4,return_sequences=True)(j,initial_state=[h,c])
    return [i,j],L.Dense(3,activation='softmax')(d)


@f
def enc_dec_gru():
    i=I()
    j=K.Input((5,2))
    o,h=L.GRU(4,return_state=True)(i)
    d=L.GRU(4,return_sequences=True)(j,initial_state=h)
    return [i,j],L.Dense(3)(d)


@f
def enc_dec_bi():
    i=I()
    j=K.Input((5,2))
    o,fh,fc,bh,bc=L.Bidirectional(L.LSTM(4,return_state=True))(i)
    h=L.Concatenate()([fh,bh])
    c=L.Concatenate()([fc,bc])
    d,_,_=L.LSTM(8,return_sequences=True,return_state=True)(j,initial_state=[h,c])
    return [i,j],L.Dense(3)(d)


@f
def enc_dec_att():
    i=I()
    j=K.Input((5,2))
    o,h,c=L.LSTM(4,return_sequences=True,return_state=True)(i)
    d=L.LSTM(4,return_sequences=True)(j,initial_state=[h,c])
    a=L.Attention()([d,o])
    return [i,j],L.Dense(3)(L.Concatenate()([d,a]))


@f
def state_inputs():
    i=I()
    h=K.Input((4,))
    c=K.Input((4,))
    o,a,b=L.LSTM(4,return_state=True,return_sequences=True)(i,initial_state=[h,c])
    return [i,h,c],[o,a,b]


@f
def bi_init():
    i=I()
    hs=[K.Input((4,)) for _ in range(4)]
    o=L.Bidirectional(L.LSTM(4))(i,initial_state=hs)
    return [i]+hs,o


@f
def shared():
    i=I()
    j=I()
    l=R(4)
    d=L.Dense(3)
    return [i,j],L.Concatenate()([d(l(i)),d(l(j))])


@f
def shared_nested():
    i=I()
    j=I()
    m=K.Sequential([I(),RS(4),R(3)])
    return [i,j],L.Subtract()([m(i),m(j)])


@f
def shared_func():
    i=I()
    j=I()
    k=I()
    m=K.Model(k,R(3)(RS(4)(k)))
    return [i,j],[L.Subtract()([m(i),m(j)]),m(i)]


@f
def emb():
    i=K.Input((8,),dtype='int32')
    x=L.Embedding(10,4,mask_zero=True)(i)
    return i,L.Dense(2)(R()(x))


@f
def emb_bi_attn():
    i=K.Input((8,),dtype='int32')
    x=L.Embedding(10,4,mask_zero=True)(i)
    x=L.Bidirectional(L.LSTM(4,return_sequences=True))(x)
    y=L.Attention()([x,x])
    return i,L.Dense(2)(L.GlobalAveragePooling1D()(L.Concatenate()([x,y])))


@f
def emb_two():
    i=K.Input((8,),dtype='int32')
    j=K.Input((8,),dtype='int32')
    e=L.Embedding(10,4,mask_zero=True)
    return [i,j],L.Dense(2)(L.Concatenate()([R()(e(i)),R(3)(e(j))]))


@f
def emb_td_dense():
    i=K.Input((8,),dtype='int32')
    x=L.Embedding(10,4,mask_zero=True)(i)
    x=RS()(x)
    return i,L.TimeDistributed(L.Dense(5,activation='softmax'))(x)


@f
def multi_out():
    i=I()
    a=RS()(i)
    return i,[L.Dense(2,name='zeta')(a),L.Dense(3,name='alpha')(R()(a))]


@f
def order_branches():
    i=I()
    a=L.Dense(4,name='zz')(i)
    b=RS(4,name='aa')(i)
    c=L.Dense(4,name='mm')(b)
    d=L.Add(name='kk')([a,c])
    return i,R(name='bb')(d)


@f
def f64():
    i=K.Input((8,3),dtype='float64')
    a=L.LSTM(4,dtype='float64',return_sequences=True)(i)
    return i,L.Dense(2,dtype='float64')(a)


@f
def fmask_lstm():
    i=I()
    x=L.Masking(0.)(i)
    return i,L.Dense(2)(R()(RS()(x)))


@f
def fmask_add():
    i=I()
    x=L.Masking(0.)(i)
    a=RS(4)(x)
    b=RS(4)(x)
    return i,R()(L.Add()([a,b]))


@f
def fmask_concat():
    i=I()
    x=L.Masking(0.)(i)
    a=RS(4)(x)
    b=L.GRU(4,return_sequences=True)(x)
    return i,R()(L.Concatenate()([a,b]))


@f
def fmask_concat_dense():
    i=I()
    j=I()
    x=L.Masking(0.)(i)
    a=RS(4)(x)
    b=RS(4)(j)
    return [i,j],L.Dense(3)(L.Concatenate()([a,b]))


@f
def fmask_td():
    i=I()
    x=L.Masking(0.)(i)
    return i,L.TimeDistributed(L.Dense(2))(L.Bidirectional(L.LSTM(4,return_sequences=True))(x))


@f
def fmask_nested():
    i=I()
    x=L.Masking(0.)(i)
    m=K.Sequential([K.Input((8,3)),RS(4),R(3)])
    return i,m(x)


@f
def fmask_nested_func():
    i=I()
    x=L.Masking(0.)(i)
    k=I()
    m=K.Model(k,R(3)(RS(4)(k)))
    return i,L.Dense(2)(m(x))


@f
def fmask_state():
    i=I()
    x=L.Masking(0.)(i)
    o,h,c=L.LSTM(4,return_state=True)(x)
    d=L.LSTM(4,return_sequences=True)(i,initial_state=[h,c])
    return i,d


@f
def fmask_gap():
    i=I()
    x=L.Masking(0.)(i)
    return i,L.Dense(2)(L.GlobalAveragePooling1D()(RS()(x)))


@f
def fmask_att():
    i=K.Input((8,),dtype='int32')
    x=L.Embedding(10,4,mask_zero=True)(i)
    x=RS()(x)
    y=L.Attention()([x,x])
    return i,L.Dense(2)(L.GlobalAveragePooling1D()(y))


@f
def fmask_decoder():
    i=I()
    x=L.Masking(0.)(i)
    o,h,c=L.LSTM(4,return_state=True)(x)
    return i,L.Flatten()(L.LSTM(4,return_sequences=True,go_backwards=True)(x,initial_state=[h,c]))


@f
def fmask_decoder_bi():
    i=I()
    x=L.Masking(0.)(i)
    h=L.Dense(4)(L.Flatten()(i))
    return i,L.Flatten()(L.Bidirectional(L.GRU(4,return_sequences=True))(x,initial_state=[h,h]))


@f
def fmask_decoder_named():
    i=I()
    mask=keras.ops.any(keras.ops.not_equal(i,0.),axis=-1)
    x=L.Masking(0.)(i)
    o,h,c=L.LSTM(4,return_state=True)(x)
    return i,L.Flatten()(L.LSTM(4,return_sequences=True,zero_output_for_mask=True)(x,initial_state=[h,c],mask=mask))


@f
def fmask_products():
    i=I()
    x=L.Masking(0.)(i)
    a=RS(4)(x)
    b=L.GRU(4,return_sequences=True)(x)
    return i,L.Flatten()(L.Concatenate()([L.Multiply()([a,b]),L.Maximum()([a,b]),L.Minimum()([a,b])]))


@f
def fmask_products_some():
    i=I()
    x=L.Masking(0.)(i)
    a=RS(4)(x)
    b=L.GRU(4,return_sequences=True)(i)
    return i,[L.Flatten()(L.Multiply()([a,b])),L.Flatten()(L.Maximum()([b,a])),L.Flatten()(L.Minimum()([a,b]))]


@f
def fmask_reshape_out():
    i=I()
    x=RS(4)(L.Masking(0.)(i))
    return i,[L.Reshape((3,8))(i),R(3)(x)]


@f
def bi_stacked_later():
    i=I()
    a=L.Bidirectional(RS(4))(i)
    b=L.Bidirectional(L.GRU(4,return_sequences=True))(a)
    return i,L.Bidirectional(L.RNN([L.LSTMCell(4),L.LSTMCell(2)]))(b)


@f
def called_twice_alike():
    i=I()
    l=R(4)
    return i,[l(i),l(i)]


@f
def fmask_drop():
    i=K.Input((8,),dtype='int32')
    x=L.Embedding(10,4,mask_zero=True)(i)
    x=L.Dropout(.2)(L.BatchNormalization()(x))
    return i,L.Dense(2)(R()(L.Dense(5,activation='tanh')(x)))


def model_of(name):
    if name in E:
        inputs, outputs = E[name]()
        return K.Model(inputs, outputs)
    shape, layers = cases[name]
    return K.Sequential([K.Input(shape), *layers()])


def inputs_of(model, name, random):
    for tensor in model.inputs:
        shape = [3 if length is None else length for length in tensor.shape]
        if 'int' in str(tensor.dtype):
            x = random.integers(1, 9, size=shape).astype('int32')
            x[1, -2:] = 0
        else:
            x = random.normal(size=shape).astype(tensor.dtype)
            if 'mask' in name:
                x[1, -2:] = 0
                x[2, -1:] = 0
        yield x


def outputs_of(model, xs):
    y = model.predict(xs if len(xs) > 1 else xs[0], verbose=0)
    return list(y) if isinstance(y, (list, tuple)) else [y]


def build(name):
    random, model = np.random.default_rng(sum(map(ord, name))), model_of(name)
    for variable in model.variables:
        if 'seed' not in variable.path:
            value = random.normal(size=variable.shape) * 0.5
            variable.assign(np.abs(value) + 0.3 if 'variance' in variable.path else value)
    xs = list(inputs_of(model, name, random))
    ys = outputs_of(model, xs)
    np.savez('io.npz', **{'x%d' % k: x for k, x in enumerate(xs)}, **{'y%d' % k: y for k, y in enumerate(ys)})
    model.save('model.keras')
    model.save('model.h5')
    return model


def predict(path):
    model, io = keras.models.load_model(path, compile=False), np.load('io.npz')
    xs = [io['x%d' % k] for k in range(len(model.inputs))]
    np.savez('y.npz', **{'y%d' % k: y for k, y in enumerate(outputs_of(model, xs))})
    return model


def without_masks(path, version, drop=()):
    """Writes a saved .h5 again as an older Keras spells it: no operations for masks, none of the layers to drop (what they read is read in their place)."""
    import h5py, json
    with h5py.File(path, 'r+') as file:
        config = json.loads(file.attrs['model_config'])
        layers = config['config']['layers']
        gone = {layer['name']: layer for layer in layers if layer['class_name'] in ('NotEqual', 'Any') or layer['name'] in drop}

        def read(at):
            if isinstance(at, dict) and at.get('class_name') == '__keras_tensor__':
                while at['config']['keras_history'][0] in gone:
                    at = gone[at['config']['keras_history'][0]]['inbound_nodes'][0]['args'][0]
                return at
            return {key: read(value) for key, value in at.items() if key != 'mask'} if isinstance(at, dict) else [read(one) for one in at] if isinstance(at, list) else at
        config['config']['layers'] = [{**layer, 'inbound_nodes': read(layer['inbound_nodes'])} for layer in layers if layer['name'] not in gone]
        file.attrs['model_config'] = json.dumps(config)
        file.attrs['keras_version'] = file['model_weights'].attrs['keras_version'] = version


def build_old(name):
    """A model of Keras 2 (model.h5) whose masks mean another thing in Keras 3, and what Keras 2 computes with it (io.npz)."""
    i, dropped = I(), []
    x = L.Masking(0.)(i)
    if name == 'decoder':
        mask = keras.ops.any(keras.ops.not_equal(i, 0.), axis=-1)
        o, h, c = L.LSTM(4, return_state=True)(x)
        y = L.LSTM(4, return_sequences=True, zero_output_for_mask=True)(L.Dropout(0.1)(x), initial_state=[h, c], mask=mask)
    else:
        a, b = RS(4)(x), L.GRU(4, return_sequences=True)(i)
        plain = L.ZeroPadding1D(0, name='dropped')(a)
        y, dropped = {'multiply': L.Multiply, 'maximum': L.Maximum}[name]()([plain, b]), ['dropped']
    E['mask-old'] = lambda: (i, L.Dense(3)(L.Flatten()(y)))
    model = build('mask-old')
    without_masks('model.h5', '2.15.0', dropped)
    return model


if __name__ == '__main__':
    print(' '.join([*cases, *E]))
