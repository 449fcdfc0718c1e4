// Runs TensorFlow.js layers models, and reads HDF5 with two readers of JavaScript. One JSON request a line on stdin, one JSON answer a line on stdout.
//   {"model": "folder/model.json", "inputs": [{"shape": […], "data": […]}]}   ->  {"outputs": [{"shape": […], "data": […]}]}
//   {"write": "file.h5", "libver": "v200"}                                        ->  {"data": […]}
//   {"hdf5": "file.h5", "with": "jsfive" | "h5wasm"}                             ->  {"datasets": {"/a/b": {"shape": […], "data": […]}}, "attributes": {"/a@name": …}}
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');

async function predict(request) {
  const tf = require('@tensorflow/tfjs');
  await tf.setBackend('cpu');
  const document = JSON.parse(fs.readFileSync(request.model, 'utf8'));
  const folder = path.dirname(request.model);
  const shards = document.weightsManifest.flatMap(group => group.paths).map(name => fs.readFileSync(path.join(folder, name)));
  const all = Buffer.concat(shards);
  const model = await tf.loadLayersModel({
    load: async () => ({
      modelTopology: document.modelTopology,
      weightSpecs: document.weightsManifest.flatMap(group => group.weights),
      weightData: all.buffer.slice(all.byteOffset, all.byteOffset + all.length),
    }),
  });
  const inputs = request.inputs.map((one, k) => tf.tensor(one.data, one.shape, model.inputs[k].dtype));
  let outputs = model.predict(inputs.length === 1 ? inputs[0] : inputs);
  outputs = Array.isArray(outputs) ? outputs : [outputs];
  return { outputs: outputs.map(one => ({ shape: one.shape, data: Array.from(one.dataSync()) })) };
}

function plain(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return Array.from(value, plain);
  return typeof value === 'string' ? value.replace(/\0+$/, '') : value;
}

async function read(request) {
  const found = { datasets: {}, attributes: {} };
  const note = (name, attributes) => { for (const [key, value] of attributes) found.attributes[`${name}@${key}`] = plain(value); };
  if (request.with === 'jsfive') {
    const jsfive = require('jsfive');
    const bytes = fs.readFileSync(request.hdf5);
    const file = new jsfive.File(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), request.hdf5);
    const walk = (group, name) => {
      note(name || '/', Object.entries(group.attrs));
      for (const key of group.keys) {
        const child = group.get(key);
        if (child.shape !== undefined) {
          found.datasets[`${name}/${key}`] = { shape: plain(child.shape), data: plain(child.value) };
          note(`${name}/${key}`, Object.entries(child.attrs));
        } else {
          walk(child, `${name}/${key}`);
        }
      }
    };
    walk(file, '');
  } else {
    // Not for require: a module, which import does not look for in NODE_PATH.
    const h5wasm = await import(path.join(process.env.NODE_PATH, 'h5wasm', 'dist', 'node', 'hdf5_hl.js'));
    await h5wasm.ready;
    const file = new h5wasm.File(request.hdf5, 'r');
    const walk = (group, name) => {
      note(name || '/', Object.entries(group.attrs).map(([key, attribute]) => [key, attribute.value]));
      for (const key of group.keys()) {
        const child = group.get(key);
        if (child instanceof h5wasm.Dataset) {
          found.datasets[`${name}/${key}`] = { shape: plain(child.shape), data: plain(child.value) };
          note(`${name}/${key}`, Object.entries(child.attrs).map(([attributeName, attribute]) => [attributeName, attribute.value]));
        } else {
          walk(child, `${name}/${key}`);
        }
      }
    };
    walk(file, '');
    file.close();
  }
  return found;
}

// Datasets of one array under each index of chunks that HDF5 has, in the form of one of its versions.
async function write(request) {
  const h5wasm = await import(path.join(process.env.NODE_PATH, 'h5wasm', 'dist', 'node', 'hdf5_hl.js'));
  await h5wasm.ready;
  const file = new h5wasm.File(request.write, 'w', { libver: request.libver });
  const data = new Float32Array(60 * 100).map((_, k) => Math.sin(k) + (k % 7 === 0 ? k : 0));
  const one = (name, how) => file.create_dataset({ name, data, shape: [60, 100], dtype: '<f', ...how });
  one('contiguous', {});
  one('single', { chunks: [60, 100], compression: 'gzip' });
  one('implicit', { chunks: [7, 13] });
  one('fixed', { chunks: [7, 13], compression: 'gzip' });
  one('pages', { chunks: [1, 2], compression: 'gzip' });
  one('extensible', { chunks: [7, 13], maxshape: [null, 100], compression: 'gzip' });
  one('blocks', { chunks: [1, 2], maxshape: [null, 100], compression: 'gzip' });
  one('tree', { chunks: [7, 13], maxshape: [null, null], compression: 'gzip' });
  file.close();
  return { data: Array.from(data) };
}

(async () => {
  console.log = console.warn = console.info = (...words) => process.stderr.write(words.join(' ') + '\n');
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let answer;
    try {
      const request = JSON.parse(line);
      answer = request.model ? await predict(request) : request.write ? await write(request) : await read(request);
    } catch (error) {
      answer = { error: `${error.name}: ${error.message}` };
    }
    process.stdout.write(JSON.stringify(answer, (_, value) => typeof value === 'number' && !Number.isFinite(value) ? String(value) : value) + '\n');
  }
})();
