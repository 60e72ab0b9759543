/// The card and its locks (TS 27.007 §8.3, TS 31.101).
struct SIMCard {
    enum Lock { case ready, absent, pin, puk }

    private(set) var lock: Lock
    private(set) var pin: String?
    private var puk: String?
    private(set) var pinTries = 3
    private(set) var pukTries = 10

    init(_ condition: SIMCondition) {
        switch condition {
        case .ready: lock = .ready
        case .absent: lock = .absent
        case .pin(let code):
            lock = .pin
            pin = code
            puk = "12345678"
        case .puk(let code):
            lock = .puk
            pin = ""
            puk = code
            pinTries = 0
        }
    }

    /// A card that has a PIN asks for it again after power-up.
    mutating func powerUp() {
        if lock == .ready, pin != nil { lock = .pin }
    }

    /// Whether the PIN is asked for at power-up.
    var isLockEnabled: Bool { pin != nil }

    /// AT+CPIN=<pin> or AT+CPIN=<puk>,<new pin>: nil where it was right, else the +CME code.
    mutating func enter(_ code: String, newPIN: String?) -> Int? {
        switch lock {
        case .absent: return 10
        case .ready: return 3
        case .pin:
            if code == pin {
                pinTries = 3
                lock = .ready
                return nil
            }
            pinTries -= 1
            if pinTries == 0 { lock = .puk }
            return 16
        case .puk:
            guard let newPIN, pukTries > 0 else { return 12 }
            if code == puk {
                pin = newPIN
                pinTries = 3
                pukTries = 10
                lock = .ready
                return nil
            }
            pukTries -= 1
            return pukTries == 0 ? 13 : 16
        }
    }

    /// AT+CLCK="SC": nil where it was done, else the +CME code.
    mutating func setLock(_ enabled: Bool, code: String) -> Int? {
        guard lock == .ready else { return lock == .absent ? 10 : 11 }
        if let pin, pin != code {
            pinTries -= 1
            if pinTries == 0 { lock = .puk }
            return 16
        }
        pinTries = 3
        pin = enabled ? code : nil
        puk = puk ?? "12345678"
        return nil
    }
}
