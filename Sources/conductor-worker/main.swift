import Glibc
import PluginHost

exit(PluginWorker.run())
