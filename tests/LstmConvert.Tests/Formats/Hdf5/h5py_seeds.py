"""Writes small HDF5 files, to be mutated: h5py_seeds.py FOLDER. Most of their bytes are structures, few are numbers."""
import os, sys
import h5py, numpy as np

folder = sys.argv[1]
r = np.random.RandomState(3)
for version in ['earliest', 'latest']:
    def new(name, **extra):
        return h5py.File(os.path.join(folder, '%s-%s.h5' % (version, name)), 'w', libver=version if version == 'latest' else None, **extra)

    with new('weights') as f:
        f.attrs['layer_names'] = np.array([b'lstm', b'dense_1'])
        f.attrs['backend'] = np.bytes_(b'tensorflow')
        g = f.create_group('lstm')
        g.attrs['weight_names'] = np.array([b'lstm/kernel:0', b'lstm/bias:0'])
        g.create_dataset('lstm/kernel:0', data=r.randn(2, 3).astype('f4'))
        g.create_dataset('lstm/bias:0', data=r.randn(3).astype('>f8'))
        f.create_group('dense_1').attrs['weight_names'] = np.zeros(0)
    with new('varying') as f:
        f.attrs['layer_names'] = ['lstm', 'a', 'caf\u00e9']
        f.attrs['model_config'] = '{"class_name": "Sequential"}'
        f['half'] = r.randn(3).astype('f2')
        f['count'] = np.int64(7)
        f['hard'] = f['half']
        f.create_dataset('unallocated', (2, 2), 'f4', fillvalue=2.5)
    with new('chunks') as f:
        f.create_dataset('packed', data=r.randn(5, 6).astype('f4'), chunks=(3, 4), compression='gzip', shuffle=True, fletcher32=True)
        f.create_dataset('plain', data=r.randn(5, 6).astype('f4'), chunks=(3, 4))
        f.create_dataset('growing', data=r.randn(9).astype('f4'), chunks=(2,), maxshape=(None,))
        f.create_dataset('both', data=r.randn(4, 4).astype('f2'), chunks=(3, 2), maxshape=(None, None), fletcher32=True)
    with new('dense', userblock_size=512) as f:
        for k in range(12):
            f.attrs['attribute %d' % k] = np.bytes_('value %d' % k)
            f['link %d' % k] = np.full((1,), k, 'f4')
