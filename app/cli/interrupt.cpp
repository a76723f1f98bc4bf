// SPDX-License-Identifier: Apache-2.0
#include "app/cli/interrupt.h"

#include "app/cli/output.h"

#include <signal.h>
#include <unistd.h>

namespace strata::cli {
namespace {

constexpr int kInterrupted = 130;

sigset_t watched() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR2); // the destructor's own, to end the wait
    return set;
}

} // namespace

Interrupt::Interrupt(bool patient) : patient_(patient) {
    const sigset_t set = watched();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    watcher_ = std::thread([this] { watch(); });
}

Interrupt::~Interrupt() {
    ending_ = true;
    pthread_kill(watcher_.native_handle(), SIGUSR2);
    watcher_.join();
    const sigset_t set = watched();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void Interrupt::watch() {
    const sigset_t set = watched();
    for (int signal = 0; sigwait(&set, &signal) == 0;) {
        if (ending_) return;
        if (signal == SIGUSR2) continue;
        if (source_.stop_requested()) _exit(kInterrupted);
        if (patient_) note("\nStopping: the run is being saved. Press ctrl-C again to stop at once.");
        source_.request_stop();
    }
}

} // namespace strata::cli
