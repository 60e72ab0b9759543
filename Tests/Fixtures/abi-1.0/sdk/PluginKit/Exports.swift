// An author writes `import PluginKit` and has the C names of the entry function too.
@_exported public import CPluginABI
