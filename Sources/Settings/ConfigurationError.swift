import PluginKit

/// What is wrong in a configuration file, and where.
public struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// As it was given to the reader.
    public var file: String
    /// From 1; nil when the file as a whole is meant.
    public var line: Int?
    /// From 1, counted in Unicode scalars.
    public var column: Int?
    /// What is wrong and how to mend it; holds no secret: keys that are known by their look are masked.
    public var message: String

    /// Makes an error at a place.
    public init(file: String, line: Int? = nil, column: Int? = nil, message: String) {
        self.file = file
        self.line = line
        self.column = column
        self.message = SecretShapes.masked(message)
    }

    /// `FILE:LINE:COLUMN: MESSAGE`.
    public var description: String {
        // A key may stand where the name of its file was meant.
        var place = SecretShapes.masked(file)
        if let line { place += ":\(line)" }
        if let column { place += ":\(column)" }
        return "\(place): \(message)"
    }
}
