// Records what TensorFlow.js (npm, CPU backend) computes for single operations.
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const fs = require('fs');
let seed = 7;
const rand = () => { seed = (seed * 1103515245 + 12345) % 2147483648; return Math.fround(seed / 2147483648 * 4 - 2); };
const T = (shape, f) => tf.tensor(Array.from({length: shape.reduce((a, b) => a * b, 1)}, f || rand), shape);
const I = (values, shape) => tf.tensor(values, shape || [values.length], 'int32');
const cases = [];
// op: name; attr: attributes of the node; inputs: tensors in the node's order; out: tensors
const add = (op, attr, inputs, out) => cases.push({op, attr, inputs: inputs.map(pack), outputs: [].concat(out).map(pack)});
const pack = t => ({dtype: t.dtype, shape: t.shape, values: Array.from(t.dataSync(), v => Number.isFinite(v) ? Number(v.toPrecision(9)) : String(v))});
(async () => {
  await tf.setBackend('cpu'); await tf.ready();
  const x = T([3, 4]), y = T([3, 4]), pos = tf.abs(x), r = T([4]);
  for (const [op, f] of [['Ceil', tf.ceil], ['Floor', tf.floor], ['Cos', tf.cos], ['Sin', tf.sin], ['Erf', tf.erf], ['Expm1', tf.expm1], ['Selu', tf.selu], ['LogSoftmax', tf.logSoftmax], ['Softmax', tf.softmax],
    ['Elu', tf.elu], ['Softplus', tf.softplus], ['Sign', tf.sign], ['Reciprocal', tf.reciprocal], ['Relu6', tf.relu6], ['Neg', tf.neg], ['Abs', tf.abs], ['Exp', tf.exp], ['Square', tf.square], ['Round', tf.round], ['Tanh', tf.tanh], ['Sigmoid', tf.sigmoid]])
    add(op, {}, [x], f(x));
  for (const [op, f] of [['Log1p', tf.log1p], ['Log', tf.log], ['Sqrt', tf.sqrt], ['Rsqrt', tf.rsqrt]]) add(op, {}, [pos], f(pos));
  add('LeakyRelu', {alpha: {f: 0.3}}, [x], tf.leakyRelu(x, 0.3));
  for (const [op, f] of [['Atan2', tf.atan2], ['SquaredDifference', tf.squaredDifference], ['Maximum', tf.maximum], ['Minimum', tf.minimum], ['FloorMod', tf.mod], ['RealDiv', tf.div], ['FloorDiv', tf.floorDiv], ['Less', tf.less], ['GreaterEqual', tf.greaterEqual], ['NotEqual', tf.notEqual]]) { add(op, {}, [x, y], f(x, y)); add(op, {}, [x, r], f(x, r)); }
  add('Pow', {}, [pos, y], tf.pow(pos, y));
  const i1 = I([7, -7, 5, 0, -9, 3], [2, 3]), i2 = I([2, -3, 4], [3]);
  for (const [op, f] of [['FloorMod', tf.mod], ['Maximum', tf.maximum], ['Equal', tf.equal]]) add(op, {}, [i1, i2], f(i1, i2));
  const odd = tf.tensor([NaN, 1, Infinity, -Infinity, 0]);
  add('IsNan', {}, [odd], tf.isNaN(odd)); add('IsInf', {}, [odd], tf.isInf(odd)); add('IsFinite', {}, [odd], tf.isFinite(odd));
  const d = T([2, 3, 4]);
  for (const axis of [[0], [1], [2], [0, 2], [-1]]) for (const keep of [false, true]) {
    add('Sum', {keep_dims: {b: keep}}, [d, I(axis)], tf.sum(d, axis, keep)); add('Max', {keep_dims: {b: keep}}, [d, I(axis)], tf.max(d, axis, keep));
    add('Prod', {keep_dims: {b: keep}}, [d, I(axis)], tf.prod(d, axis, keep)); add('Mean', {keep_dims: {b: keep}}, [d, I(axis)], tf.mean(d, axis, keep)); add('EuclideanNorm', {keep_dims: {b: keep}}, [d, I(axis)], tf.euclideanNorm(d, axis, keep)); }
  for (const axis of [0, 1, 2]) {
    add('ArgMax', {}, [d, tf.scalar(axis, 'int32')], tf.argMax(d, axis)); add('ArgMin', {}, [d, tf.scalar(axis, 'int32')], tf.argMin(d, axis));
    for (const ex of [false, true]) for (const rev of [false, true]) { add('Cumsum', {exclusive: {b: ex}, reverse: {b: rev}}, [d, tf.scalar(axis, 'int32')], tf.cumsum(d, axis, ex, rev)); add('Cumprod', {exclusive: {b: ex}, reverse: {b: rev}}, [d, tf.scalar(axis, 'int32')], tf.cumprod(d, axis, ex, rev)); }
  }
  const idx = I([2, 0, 5, 1]);
  add('OneHot', {axis: {i: -1}}, [idx, tf.scalar(4, 'int32'), tf.scalar(3), tf.scalar(-1)], tf.oneHot(idx, 4, 3, -1));
  add('PadV2', {}, [x, I([1, 2, 0, 3], [2, 2]), tf.scalar(9)], tf.pad(x, [[1, 2], [0, 3]], 9));
  const tk = tf.topk(d, 2); add('TopKV2', {}, [d, tf.scalar(2, 'int32')], [tk.values, tk.indices]);
  const cond = tf.tensor([1, 0, 1, 0, 0, 1], [2, 3], 'bool'); add('Where', {}, [cond], await tf.whereAsync(cond));
  add('SelectV2', {}, [tf.tensor([1, 0, 1, 1], [4], 'bool'), x, y], tf.where(tf.tile(tf.tensor([1, 0, 1, 1], [1, 4], 'bool'), [3, 1]), x, y));
  add('LinSpace', {}, [tf.scalar(1), tf.scalar(4), tf.scalar(7, 'int32')], tf.linspace(1, 4, 7));
  for (const [e, a, b] of [['ij,jk->ik', T([2, 3]), T([3, 4])], ['bij,bjk->bik', T([2, 3, 4]), T([2, 4, 5])], ['abc,cd->abd', T([2, 3, 4]), T([4, 5])], ['bij,bkj->bki', T([2, 3, 4]), T([2, 5, 4])], ['i,j->ij', T([3]), T([2])]]) add('Einsum', {equation: {s: e}}, [a, b], tf.einsum(e, a, b));
  const ba = T([2, 3, 4]), bb = T([2, 5, 4]); add('BatchMatMulV3', {adj_y: {b: true}}, [ba, bb], tf.matMul(ba, bb, false, true));
  const img = T([1, 6, 5, 2]);
  for (const pad of ['valid', 'same']) for (const st of [1, 2, 3]) {
    const P = {padding: {s: pad.toUpperCase()}, strides: {list: [1, st, st, 1]}};
    const f = T([3, 2, 2, 3]); add('Conv2D', P, [img, f], tf.conv2d(img, f, st, pad));
    const df = T([3, 3, 2, 2]); add('DepthwiseConv2dNative', P, [img, df], tf.depthwiseConv2d(img, df, st, pad));
    add('MaxPool', {...P, ksize: {list: [1, 3, 2, 1]}}, [img], tf.maxPool(img, [3, 2], st, pad)); add('AvgPool', {...P, ksize: {list: [1, 3, 2, 1]}}, [img], tf.avgPool(img, [3, 2], st, pad));
    // Where a stride leaves elements out, TensorFlow.js begins a three-dimensional SAME window before the edge by a negative length; TensorFlow does not.
    if (st > 2) continue;
    const vol = T([1, 3, 4, 5, 2]), vf = T([2, 3, 2, 2, 3]), V = {padding: P.padding, strides: {list: [1, st, st, st, 1]}};
    add('Conv3D', V, [vol, vf], tf.conv3d(vol, vf, st, pad)); add('MaxPool3D', {...V, ksize: {list: [1, 2, 3, 2, 1]}}, [vol], tf.maxPool3d(vol, [2, 3, 2], st, pad)); add('AvgPool3D', {...V, ksize: {list: [1, 2, 3, 2, 1]}}, [vol], tf.avgPool3d(vol, [2, 3, 2], st, pad));
  }
  { const f = T([3, 2, 2, 3]); for (const pad of ['valid', 'same']) add('Conv2D', {padding: {s: pad.toUpperCase()}, strides: {list: [1, 1, 1, 1]}, dilations: {list: [1, 2, 2, 1]}}, [img, f], tf.conv2d(img, f, 1, pad, 'NHWC', 2)); }
  const sp = T([2, 4, 6, 3]); const stb = tf.spaceToBatchND(sp, [2, 3], [[0, 0], [0, 0]]); add('SpaceToBatchND', {}, [sp, I([2, 3]), I([0, 0, 0, 0], [2, 2])], stb);
  const sq = T([2, 5, 3]); add('SpaceToBatchND', {}, [sq, I([2]), I([1, 2], [1, 2])], tf.spaceToBatchND(sq, [2], [[1, 2]]));
  add('BatchToSpaceND', {}, [stb, I([2, 3]), I([1, 0, 0, 1], [2, 2])], tf.batchToSpaceND(stb, [2, 3], [[1, 0], [0, 1]]));
  add('LRN', {depth_radius: {i: 1}, bias: {f: 1.5}, alpha: {f: 0.4}, beta: {f: 0.75}}, [img], tf.localResponseNormalization(img, 1, 1.5, 0.4, 0.75));
  const [sc, of, me] = [T([2]), T([2]), T([2])], va = tf.abs(T([2])); add('FusedBatchNorm', {epsilon: {f: 0.01}, is_training: {b: false}}, [img, sc, of, me, va], tf.batchNorm(img, me, va, of, sc, 0.01));
  for (const [b, e, s, bm, em, el, nm, sm] of [[[0, 1], [2, 3], [1, 1], 0, 0, 0, 0, 0], [[-1, 0], [-4, 4], [-1, 2], 0, 0, 0, 0, 0], [[0, 1, 0], [0, 2, 0], [1, 1, 1], 1, 1, 4, 0, 2], [[1, 0, 2], [2, 0, 3], [1, 1, 1], 0, 0, 2, 0, 1], [[0, 0, 1], [0, 1, 3], [1, 1, 1], 3, 0, 0, 1, 0], [[3, 1], [0, 0], [-1, 1], 1, 3, 0, 0, 0]])
    try { add('StridedSlice', {begin_mask: {i: bm}, end_mask: {i: em}, ellipsis_mask: {i: el}, new_axis_mask: {i: nm}, shrink_axis_mask: {i: sm}}, [d, I(b), I(e), I(s)], tf.stridedSlice(d, b, e, s, bm, em, el, nm, sm)); } catch (x) { console.log('stridedSlice', b, e, s, String(x).slice(0, 90)); }
  add('GatherNd', {}, [d, I([0, 2, 1, 1], [2, 2])], tf.gatherND(d, I([0, 2, 1, 1], [2, 2])));
  const up = T([3, 2]); add('ScatterNd', {}, [I([1, 3, 1], [3, 1]), up, I([4, 2])], tf.scatterND(I([1, 3, 1], [3, 1]), up, [4, 2]));
  add('GatherV2', {}, [d, I([2, 0]), tf.scalar(1, 'int32')], tf.gather(d, I([2, 0]), 1));
  const bi = I([1, 0, 2, 2], [2, 2]); add('GatherV2', {batch_dims: {i: 1}}, [d, bi, tf.scalar(1, 'int32')], tf.gather(d, bi, 1, 1));
  add('Tile', {}, [x, I([2, 3])], tf.tile(x, [2, 3])); add('BroadcastTo', {}, [r, I([2, 3, 4])], tf.broadcastTo(r, [2, 3, 4])); add('Transpose', {}, [d, I([2, 0, 1])], tf.transpose(d, [2, 0, 1]));
  add('ReverseV2', {}, [d, I([0, 2])], tf.reverse(d, [0, 2])); add('Slice', {}, [d, I([0, 1, 1]), I([2, -1, 2])], tf.slice(d, [0, 1, 1], [2, -1, 2])); add('Pack', {axis: {i: 1}}, [x, y], tf.stack([x, y], 1)); add('ConcatV2', {}, [x, y, tf.scalar(-1, 'int32')], tf.concat([x, y], 1));
})().catch(e => { console.error(e); process.exit(1); }).finally(() => { fs.writeFileSync('operations.json', JSON.stringify({program: 'TensorFlow.js ' + tf.version_core + ', CPU backend', cases})); console.log(cases.length); });
