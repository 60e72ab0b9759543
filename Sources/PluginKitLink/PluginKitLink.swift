// Nothing but the linker flag in Package.swift: the version script of this folder hides every symbol of a plugin but its
// entry. The name is a glob because lld refuses a script that names a symbol the image lacks.
