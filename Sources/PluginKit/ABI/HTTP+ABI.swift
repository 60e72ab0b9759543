package import CPluginABI

extension HTTPRequest.Header: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_http_header {
        conductor_http_header(
            struct_size: UInt32(sizeOf: conductor_http_header.self), flags: 0, name: arena.slice(name),
            value: arena.slice(value))
    }

    package init(_ form: conductor_http_header) throws(PluginError) {
        self.init(String(form.name), String(form.value))
    }
}

extension HTTPRequest: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_http_request {
        conductor_http_request(
            struct_size: UInt32(sizeOf: conductor_http_request.self), flags: 0, method: arena.slice(method),
            url: arena.slice(url), headers: arena.array(headers), body: arena.slice(body),
            timeout_ms: timeoutMilliseconds, response_limit: responseLimit)
    }

    package init(_ form: conductor_http_request) throws(PluginError) {
        self.init(
            method: String(form.method), url: String(form.url), headers: try [Header](form.headers),
            body: [UInt8](form.body), timeoutMilliseconds: form.timeout_ms == 0 ? 10_000 : form.timeout_ms,
            responseLimit: form.response_limit == 0 ? 1 << 20 : form.response_limit)
    }
}

extension HTTPResponse: ABIValue {
    package func cForm(in arena: inout Arena) -> conductor_http_response {
        conductor_http_response(
            struct_size: UInt32(sizeOf: conductor_http_response.self), status: status, headers: arena.array(headers),
            body: arena.slice(body))
    }

    package init(_ form: conductor_http_response) throws(PluginError) {
        self.init(status: form.status, headers: try [HTTPRequest.Header](form.headers), body: [UInt8](form.body))
    }
}
