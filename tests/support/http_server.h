// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

namespace strata::test {

/// A server on loopback that serves one body and can misbehave. Serves one connection after the other.
class HttpServer {
public:
    struct Behaviour {
        std::string body;
        int status = 200;
        bool ranges = true;
        int64_t closeAfter = -1; ///< the first `brokenAnswers` answers end after so many bytes of their body
        int brokenAnswers = 1;
        int failures = 0;   ///< the first so many answers are 503
        bool stall = false; ///< goes quiet after closeAfter bytes instead of closing, until the server ends
        int64_t bytesPerSecond = 0;
    };

    explicit HttpServer(Behaviour behaviour);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    std::string url(const std::string& path = "/file") const;
    int requests() const { return requests_; }
    int64_t bodyBytesSent() const { return sent_; }

private:
    void serve();
    void answer(int connection);
    Behaviour behaviour_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> ending_{false};
    std::atomic<int> requests_{0};
    std::atomic<int64_t> sent_{0};
    std::thread thread_;
};

} // namespace strata::test
