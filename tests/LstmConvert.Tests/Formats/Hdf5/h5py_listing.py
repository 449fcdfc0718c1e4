"""Lists what h5py reads: h5py_listing.py FILE... or, with '-', the files named on standard input; a .keras archive stands for its weights.

One line each, fields separated by tabs:
F path                                          begins a file
D path dtype shape sha256-of-the-elements       a dataset of numbers, little-endian, C order
A path name texts-as-hexadecimal,...            an attribute of texts
E path [name]                                   a dataset or attribute that h5py refuses, a file if the path is empty
C                                               a file that kills h5py, or keeps it busy for too long
Files are read in a process of their own that is replaced when one of them kills or blocks it.
"""
import hashlib, io, os, resource, select, sys, zipfile
import h5py, numpy as np

SECONDS = float(os.environ.get('LSTMCONVERT_H5PY_SECONDS', '300'))      # a machine may be busy; mutants are given less


def texts(value):
    if isinstance(value, h5py.Empty):
        return []
    found = np.asarray(value).reshape(-1).tolist() if not isinstance(value, str) else [value]
    return [v.encode('utf-8', 'surrogateescape') if isinstance(v, str) else v for v in found]


def attributes(path, thing, out):
    names = []
    try:
        h5py.h5a.iterate(thing.id, lambda name, *info: names.append(name), index_type=h5py.h5.INDEX_NAME)
    except Exception:
        out.append(f'E\t{path}\t*')
        return
    for raw in names:
        name = raw.decode('utf-8', 'surrogateescape').replace('\t', '\\t')
        try:
            attribute = h5py.h5a.open(thing.id, raw)
            kind = attribute.get_type()
            if attribute.get_space().get_simple_extent_npoints() > 0 and not isinstance(kind, h5py.h5t.TypeStringID):
                continue
            out.append('\t'.join(['A', path, name, ','.join(t.hex() for t in texts(thing.attrs[raw.decode('utf-8', 'surrogateescape')]))]))
        except Exception:
            out.append(f'E\t{path}\t{name}')


def dataset(path, one, out):
    try:
        if one.dtype.kind in 'fiub' or (one.dtype.kind == 'V' and one.dtype.fields is None and one.dtype.itemsize == 2 and one.attrs.get('dtype') == 'bfloat16'):
            value = one[()]
            empty = isinstance(value, h5py.Empty)
            shape = (0,) if empty else value.shape
            data = b'' if empty else np.asarray(value).astype(one.dtype.newbyteorder('<'), copy=False).tobytes()
            name = 'bfloat16' if one.dtype.kind == 'V' else one.dtype.name
            out.append('\t'.join(['D', path, name, ','.join(map(str, shape)), hashlib.sha256(data).hexdigest()]))
    except Exception:
        out.append(f'E\t{path}')


def group(path, one, out, seen):
    if path.count('/') > 128:
        return
    try:
        address = h5py.h5g.get_objinfo(one.id).objno
    except Exception:
        address = path      # damaged attributes: their number is a part of what is asked for
    if address in seen:
        return
    seen.add(address)
    attributes(path, one, out)
    groups = []
    try:
        names = sorted(list(one.id), key=lambda raw: raw)
    except Exception:
        out.append(f'E\t{path}\t/')
        return
    for raw in names:
        name = raw.decode('utf-8', 'surrogateescape').replace('\t', '\\t')
        name, below = raw.decode('utf-8', 'surrogateescape'), path + '/' + name if path else name
        try:
            if not isinstance(one.get(name, getlink=True), h5py.HardLink):
                continue
            child = one[name]
        except Exception:
            out.append(f'E\t{below}')
            continue
        if isinstance(child, h5py.Dataset):
            dataset(below, child, out)
            attributes(below, child, out)
        elif isinstance(child, h5py.Group):
            groups.append((below, child))
    for below, child in groups:
        try:
            group(below, child, out, seen)
        except Exception:
            out.append(f'E\t{below}')


def listing(path):
    out = ['F\t' + path]
    try:
        source = path
        with open(path, 'rb') as f:
            is_archive = f.read(2) == b'PK'
        if is_archive:
            with zipfile.ZipFile(path) as z:
                source = io.BytesIO(z.read('model.weights.h5'))
        with h5py.File(source, 'r') as f:
            group('', f, out, set())
    except Exception:
        out.append('E\t')
    return ''.join(line.replace('\n', '\\n') + '\n' for line in out)


def worker(paths, pipe):
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.setrecursionlimit(2000)
    with os.fdopen(pipe, 'w', encoding='utf-8', errors='surrogateescape') as out:
        for path in paths:
            out.write(listing(path) + '.\n')
            out.flush()


def main():
    paths = [line.rstrip('\n') for line in sys.stdin] if sys.argv[1:] == ['-'] else sys.argv[1:]
    done = 0
    alone = False           # what kills a process that has read others before is tried once more by itself
    while done < len(paths):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            devnull = os.open(os.devnull, os.O_WRONLY)
            os.dup2(devnull, 2)
            worker(paths[done:done + 1] if alone else paths[done:], write)
            os._exit(0)
        os.close(write)
        before = done
        rest = b''
        while True:
            ready, _, _ = select.select([read], [], [], SECONDS)
            block = os.read(read, 1 << 20) if ready else b''
            if not block:
                break
            rest += block
            parts = rest.split(b'\n.\n')
            rest = parts.pop()
            for part in parts:
                sys.stdout.buffer.write(part + b'\n')
                done += 1
        os.close(read)
        try:
            os.kill(child, 9)
        except ProcessLookupError:
            pass
        os.waitpid(child, 0)
        if alone and done == before:
            sys.stdout.buffer.write(f'F\t{paths[done]}\nC\t\n'.encode())
            done += 1
            alone = False
        else:
            alone = not alone and done < len(paths)


main()
