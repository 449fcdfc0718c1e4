"""Lets Keras 3.15 run on the PyTorch 1.13 that Debian has: names that it only mentions (newer dtypes, compilation) are given, and trees are
taken apart by optree, as on the other backends. Numbers are PyTorch's own: nothing that computes is replaced."""
import importlib.abc, importlib.util, os, sys, types
import torch


class Mentioned(types.ModuleType):
    """A module whose decorators leave what they decorate as it is."""
    __path__ = []

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return lambda *args, **kwargs: args[0] if len(args) == 1 and callable(args[0]) and not kwargs else lambda f: f


class OptreeFinder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name == 'keras.src.tree.torchtree_impl':
            return importlib.util.spec_from_file_location(name, os.path.join(path[0], 'optree_impl.py'))


for name in ('float8_e4m3fn', 'float8_e5m2', 'uint16', 'uint32', 'uint64'):
    if not hasattr(torch, name):
        setattr(torch, name, type(name, (), {})())
for name in ('SymInt', 'SymFloat', 'SymBool'):
    if not hasattr(torch, name):
        setattr(torch, name, type(name, (), {}))
for name in ('torch._dynamo', 'torch.compiler', 'torch.export', 'torch.func'):
    try:
        __import__(name)
    except ImportError:
        sys.modules[name] = Mentioned(name)
        setattr(torch, name.split('.')[1], sys.modules[name])


def over_axes(reduce):
    """PyTorch before 2.2 takes one axis at a time."""
    def reduced(x, dim=None, keepdim=False, **kwargs):
        if not isinstance(dim, tuple):
            return reduce(x, **({} if dim is None else {'dim': dim, 'keepdim': keepdim}), **kwargs)
        for axis in sorted((d % x.dim() for d in dim), reverse=True):
            x = reduce(x, dim=axis, keepdim=keepdim)
        return x
    return reduced


torch.any, torch.all = over_axes(torch.any), over_axes(torch.all)
sys.meta_path.insert(0, OptreeFinder())
torch.set_num_threads(1)
