// The compiler reads the C library's headers as part of whichever module comes first, and in a build of the whole module at
// once `stat` and `timespec` are then that module's: Dispatch's, where Foundation comes before Glibc, and no file that
// imports Glibc alone could use them. This file is the first.
internal import Glibc
