//! The remote control for troubles: of requests, connections, accounts, and of the whole server.

use tokio::net::TcpListener;

use super::auth::AccountState;
use super::certificate::SimulatedCertificate;
use super::disturbance::Disturbance;
use super::server::{lock, serve};
use super::trouble::Trouble;
use super::{Simulator, SimulatorError, position};

impl Simulator {
    /// Orders a trouble for the next request that is logged on, or for the next connection. Several
    /// are used up in order.
    pub fn fail_next(&self, trouble: Trouble) {
        let troubles = if trouble.is_of_connection() {
            &self.shared.connection_troubles
        } else {
            &self.shared.troubles
        };
        lock(troubles).push_back(trouble);
    }

    /// Orders troubles for requests of one operation or account, or of all. Several stay side by
    /// side until [`calm`](Self::calm); the first that strikes counts. Operations are told apart by
    /// the `SOAPAction` of requests, on Graph by method and path without ids, as `GET /me/events/{id}`.
    pub fn disturb(&self, disturbance: Disturbance) {
        lock(&self.shared.disturbances).push(disturbance);
    }

    /// Ends all disturbances and forgets the troubles that were ordered.
    pub fn calm(&self) {
        lock(&self.shared.disturbances).clear();
        lock(&self.shared.troubles).clear();
        lock(&self.shared.connection_troubles).clear();
    }

    /// How many requests one account may have under way at a time (`EwsMaxConcurrency` of a
    /// throttling policy); `None` for no limit. Those above it end in
    /// `ErrorExceededConnectionCount`. In the beginning 10 for Exchange 2010, 27 later, and no limit
    /// before.
    pub fn limit_concurrency(&self, requests: Option<usize>) {
        *lock(&self.shared.concurrency) = requests;
    }

    /// Which programs may use EWS, by their user agent (`EwsAllowList` with
    /// `EnforceAllowList`); `*` at the end stands for anything. The others get 403. `None` for all.
    pub fn allow_programs(&self, user_agents: Option<&[&str]>) {
        let patterns = user_agents.map(|all| all.iter().map(|one| (*one).to_owned()).collect());
        *lock(&self.shared.programs) = patterns;
    }

    /// Whether an account may log on, and use EWS. Connections that are logged on stay so.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn set_account_state(
        &self,
        account: &str,
        state: AccountState,
    ) -> Result<(), SimulatorError> {
        let mut store = lock(&self.shared.store);
        let position = position(&store, account)?;
        if let Some(mailbox) = store.mailboxes.get_mut(position) {
            mailbox.state = state;
        }
        Ok(())
    }

    /// Gives an account another password. Connections that are logged on stay so.
    ///
    /// # Errors
    /// [`SimulatorError::NotFound`] where there is no such mailbox.
    pub fn set_password(&self, account: &str, password: &str) -> Result<(), SimulatorError> {
        let mut store = lock(&self.shared.store);
        let position = position(&store, account)?;
        if let Some(mailbox) = store.mailboxes.get_mut(position) {
            password.clone_into(&mut mailbox.password);
        }
        Ok(())
    }

    /// The certificate that connections show from now on.
    ///
    /// # Errors
    /// [`SimulatorError::Certificate`] where it could not be made, or there is no TLS.
    pub fn show_certificate(
        &self,
        certificate: SimulatedCertificate,
    ) -> Result<(), SimulatorError> {
        let no_tls = || SimulatorError::Certificate("the simulator has no TLS".to_owned());
        let tls = self.shared.settings.tls.as_ref().ok_or_else(no_tls)?;
        tls.change(certificate)
    }

    /// All connections break off and their logons are forgotten, as when the server starts anew.
    /// The mailboxes stay as they are.
    pub fn restart(&self) {
        self.shared.restarts.send_modify(|count| *count += 1);
    }

    /// All connections break off, and new ones are refused until
    /// [`listen_again`](Self::listen_again).
    pub async fn stop_listening(&self) {
        let task = {
            let mut task = lock(&self.task);
            std::mem::replace(&mut *task, tokio::spawn(async {}))
        };
        task.abort();
        // The only outcome is that it was aborted.
        let _ = task.await;
    }

    /// Listens again at the same address, after [`stop_listening`](Self::stop_listening).
    ///
    /// # Errors
    /// [`SimulatorError::Listen`] where the address was taken in the meantime.
    pub async fn listen_again(&self) -> Result<(), SimulatorError> {
        self.stop_listening().await;
        let listener = TcpListener::bind(self.address).await;
        let listener = listener.map_err(|source| SimulatorError::Listen {
            address: self.address,
            source,
        })?;
        *lock(&self.task) = tokio::spawn(serve(listener, self.shared.clone()));
        Ok(())
    }
}
