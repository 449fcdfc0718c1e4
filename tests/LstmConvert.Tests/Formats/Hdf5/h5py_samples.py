"""Writes HDF5 files of every form that the reader knows into a folder: h5py_samples.py FOLDER."""
import os, sys
import h5py, numpy as np

folder = sys.argv[1]
r = np.random.RandomState(7)


def attributes(thing, count=0):
    thing.attrs['layer_names'] = np.array([b'lstm', b'a longer name', b'caf\xc3\xa9'])
    thing.attrs['empty'] = np.zeros(0)
    thing.attrs['scalar'] = np.bytes_(b'2.2.4-tf')
    thing.attrs['number'] = 7
    thing.attrs['variable'] = 'varying, caf\u00e9'
    thing.attrs.create('variables', ['one', '', 'three three'], dtype=h5py.string_dtype('ascii'))
    for name, pad in [('terminated', h5py.h5t.STR_NULLTERM), ('filled', h5py.h5t.STR_NULLPAD), ('spaced', h5py.h5t.STR_SPACEPAD)]:
        kind = h5py.h5t.C_S1.copy()
        kind.set_size(9)
        kind.set_strpad(pad)
        space = h5py.h5s.create_simple((2,))
        one = h5py.h5a.create(thing.id, name.encode(), kind, space)
        one.write(np.array([b'abc      ' if name == 'spaced' else b'abc', b'abcdefghi'], 'S9'))
    space = h5py.h5s.create(h5py.h5s.NULL)
    h5py.h5a.create(thing.id, b'nothing', h5py.h5t.IEEE_F64LE, space)
    for k in range(count):
        thing.attrs['attribute %02d' % k] = np.bytes_(('value %d' % k) * (1 if k % 5 else 700))


def datasets(f):
    for kind in ['<f2', '<f4', '<f8', '>f2', '>f4', '>f8', 'i1', '<i2', '<i4', '<i8', '>i4', '>i8', 'u1', '<u2', '<u4', '<u8']:
        for k, shape in enumerate([(), (7,), (5, 12), (0, 4), (2, 3, 4)]):
            f.create_dataset('plain/%s/%d' % (kind.replace('<', 'le').replace('>', 'be'), k), data=np.asarray(r.randint(0, 100, shape) if kind[-2] in 'iu' else r.randn(*shape)).astype(kind))
    f['bool'] = np.array([True, False, True])
    f['text'] = 'no numbers'
    f.create_dataset('null', data=h5py.Empty('f4'))
    f.create_dataset('unallocated', (3, 5), 'f4', fillvalue=2.5)
    f.create_dataset('unallocated big-endian', (3, 5), '>f8', fillvalue=2.5)
    space = h5py.h5s.create_simple((3, 4))
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    h5py.h5d.create(f.id, b'compact', h5py.h5t.IEEE_F32LE, space, plist).write(h5py.h5s.ALL, h5py.h5s.ALL, r.randn(3, 4).astype('f4'))
    opaque = f.create_dataset('bfloat16', data=r.randint(0, 60000, (4, 5)).astype('u2').view('V2'))
    opaque.attrs['dtype'] = 'bfloat16'
    f['named'] = np.dtype('f8')
    f.create_dataset('of named', (4,), dtype=f['named'], data=np.arange(4.))


def chunks(f):
    for name, extra in [('plain', {}), ('gzip', dict(compression='gzip')), ('shuffle', dict(shuffle=True)), ('fletcher', dict(fletcher32=True)), ('all', dict(compression='gzip', shuffle=True, fletcher32=True))]:
        for kind in ['<f4', '>f8', '<f2']:
            for shape, chunk, most in [((20, 30), (7, 8), None), ((20, 30), (20, 30), None), ((20, 30), (6, 30), (None, 30)), ((20, 30), (20, 4), (20, None)), ((20, 30), (6, 9), (None, None)),
                                       ((600,), (1,), (None,)), ((600,), (2,), None), ((20, 30), (7, 8), (50, 64))]:
                key = 'chunks/%s/%s/%s %s %s' % (name, kind.replace('<', 'le').replace('>', 'be'), shape, chunk, most)
                f.create_dataset(key.replace('None', 'n'), shape, kind, chunks=chunk, maxshape=most, data=r.randn(*shape).astype(kind), **extra)
        sparse = f.create_dataset('chunks/%s/sparse' % name, (40, 40), 'f4', chunks=(8, 8), fillvalue=-1.5, **extra)
        sparse[3:5, 20:30] = 1
        sparse = f.create_dataset('chunks/%s/sparse growing' % name, (300, 40), 'f4', chunks=(2, 8), maxshape=(None, 40), fillvalue=-1.5, **extra)
        sparse[200:203, 20:30] = 1
        shrunk = f.create_dataset('chunks/%s/resized' % name, (30, 30), 'f4', chunks=(8, 8), maxshape=(None, None), data=r.randn(30, 30), **extra)
        shrunk.resize((17, 40))


def early(f):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((4, 4))
    plist.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    space = h5py.h5s.create_simple((10, 10), (12, 30))
    h5py.h5d.create(f.id, b'early', h5py.h5t.IEEE_F32LE, space, plist).write(h5py.h5s.ALL, h5py.h5s.ALL, r.randn(10, 10).astype('f4'))


def links(f, count):
    for k in range(count):
        f.create_group('many/lstm_%d/lstm_%d' % (k, k)).create_dataset('kernel:0', data=np.full((2, 3), k, 'f4'))
    f['hard'] = f['many']
    f['many/again'] = f


for version in ['earliest', 'v110', 'latest']:
    for block in [0, 512, 2048]:
        with h5py.File(os.path.join(folder, '%s-%d.h5' % (version, block)), 'w', libver=version if version == 'latest' else (version, 'latest' if version == 'earliest' else version), userblock_size=block) as f:
            attributes(f)
            datasets(f)
            chunks(f)
            early(f)
            links(f, 20)
            attributes(f.create_group('few'), 3)
            attributes(f.create_group('dense'), 40)
            attributes(f['plain/lef4/2'], 30)
        if block:
            with open(os.path.join(folder, '%s-%d.h5' % (version, block)), 'r+b') as f:
                f.write(b'user' * (block // 4))
    with h5py.File(os.path.join(folder, version + '-many.h5'), 'w', libver=version if version == 'latest' else (version, 'latest' if version == 'earliest' else version)) as f:
        links(f, 3000)
        f['large'] = r.randn(700, 900).astype('f4')
        f.create_dataset('large chunks', data=r.randn(700, 900), chunks=(11, 37), compression='gzip')
        f.create_dataset('many chunks', data=r.randn(9000), chunks=(1,))
        f.create_dataset('many growing chunks', data=r.randn(9000), chunks=(1,), maxshape=(None,))
        f.create_dataset('many packed chunks', data=r.randn(100, 90), chunks=(1, 1), maxshape=(None, None), compression='gzip')
        f.create_dataset('paged', (1 << 18,), 'i1', chunks=(1,), maxshape=(None,))[200000:200003] = 1
        f.create_dataset('paged fixed', (1 << 13,), 'i1', chunks=(1,))[5000:5003] = 1
        for k in range(300):
            f.attrs['attribute %03d' % k] = 'text %d' % k * (k + 1)
    with h5py.File(os.path.join(folder, version + '-order.h5'), 'w', libver=version if version == 'latest' else (version, 'latest' if version == 'earliest' else version), track_order=True) as f:
        links(f, 30)
        for k in range(30):
            f.attrs['attribute %03d' % k] = 'text %d' % k
kinds = h5py.h5p.create(h5py.h5p.FILE_CREATE)
kinds.set_sizes(4, 4)
one = h5py.h5f.create(os.path.join(folder, 'sizes.h5').encode(), h5py.h5f.ACC_TRUNC, kinds)
with h5py.File(one) as f:
    attributes(f)
    links(f, 200)
    f.create_dataset('chunks', data=r.randn(40, 50), chunks=(3, 4))
