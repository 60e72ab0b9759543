package import CPluginABI

/// Answers through a `done` of conductor_plugin.h: a plugin the host, and the host a plugin.
package enum Completion {
    /// Safety: `done` is a C function, or a closure over nothing but one: tagged [any].
    private struct Done<Function>: @unchecked Sendable {
        let call: Function
    }

    package static func none(
        _ done: @escaping conductor_done, _ token: UInt64
    ) -> @Sendable (Result<Void, PluginError>) -> Void {
        let done = Done(call: done)
        return { result in
            switch result {
            case .success: done.call(token, nil)
            case .failure(let error):
                var form = error.cForm
                done.call(token, &form)
            }
        }
    }

    package static func reply<Reply: ABIValue>(
        _ done: @escaping (UInt64, UnsafePointer<conductor_error>?, UnsafePointer<Reply.CForm>?) -> Void,
        _ token: UInt64
    ) -> @Sendable (Result<Reply, PluginError>) -> Void {
        let done = Done(call: done)
        return { result in
            switch result {
            case .success(let reply):
                var arena = Arena()
                var form = reply.cForm(in: &arena)
                done.call(token, nil, &form)
                arena.end()
            case .failure(let error):
                var form = error.cForm
                done.call(token, &form, nil)
            }
        }
    }
}
