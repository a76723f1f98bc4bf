// SPDX-License-Identifier: Apache-2.0
#include "tests/support/http_server.h"

#include "core/base/error.h"
#include "core/base/text.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace strata::test {

namespace {

bool sendAll(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(size_t(sent));
    }
    return true;
}

int64_t rangeStart(const std::string& request) {
    const std::string lower = toLower(request), mark = "range: bytes=";
    const size_t at = lower.find(mark);
    if (at == std::string::npos) return 0;
    const size_t begin = at + mark.size();
    return parseInteger(request.substr(begin, request.find('-', begin) - begin)).value_or(0);
}

} // namespace

HttpServer::HttpServer(Behaviour behaviour) : behaviour_(std::move(behaviour)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    check(::bind(listener_, generic, length) == 0 && ::listen(listener_, 8) == 0, "cannot listen on loopback");
    check(::getsockname(listener_, generic, &length) == 0, "no port");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

HttpServer::~HttpServer() {
    ending_ = true;
    thread_.join();
    ::close(listener_);
}

std::string HttpServer::url(const std::string& path) const { return fmt::format("http://127.0.0.1:{}{}", port_, path); }

void HttpServer::serve() {
    while (!ending_) {
        pollfd waiting{listener_, POLLIN, 0};
        if (::poll(&waiting, 1, 20) <= 0) continue;
        const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) continue;
        answer(connection);
        ::close(connection);
    }
}

void HttpServer::answer(int connection) {
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
        if (got <= 0) return;
        request.append(buffer, size_t(got));
    }
    const int number = ++requests_;
    const int64_t size = int64_t(behaviour_.body.size()), start = behaviour_.ranges ? rangeStart(request) : 0;
    int status = behaviour_.status;
    if (number <= behaviour_.failures)
        status = 503;
    else if (status == 200 && start >= size && start > 0)
        status = 416;
    else if (status == 200 && start > 0)
        status = 206;
    const std::string body = status == 200 || status == 206 ? behaviour_.body.substr(size_t(start)) : "an error page";
    std::string head = fmt::format("HTTP/1.1 {} X\r\nContent-Length: {}\r\nConnection: close\r\n", status, body.size());
    if (status == 206) head += fmt::format("Content-Range: bytes {}-{}/{}\r\n", start, size - 1, size);
    if (!sendAll(connection, head + "\r\n")) return;
    const bool broken = behaviour_.closeAfter >= 0 && number <= behaviour_.brokenAnswers;
    const std::string_view part = std::string_view(body).substr(0, broken ? size_t(behaviour_.closeAfter) : body.size());
    constexpr size_t kPiece = 4096;
    for (size_t at = 0; at < part.size() && !ending_; at += kPiece) {
        if (!sendAll(connection, part.substr(at, kPiece))) return;
        sent_ += int64_t(std::min(kPiece, part.size() - at));
        if (behaviour_.bytesPerSecond > 0)
            std::this_thread::sleep_for(std::chrono::microseconds(1'000'000 * kPiece / size_t(behaviour_.bytesPerSecond)));
    }
    while (broken && behaviour_.stall && !ending_) std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

} // namespace strata::test
