import com.sun.xml.ws.api.message.Headers;
import com.sun.xml.ws.developer.WSBindingProvider;
import et.*;
import java.net.URI;
import java.net.URL;
import java.net.http.*;
import java.util.regex.*;
import javax.xml.namespace.QName;

public class Welcome {
    public static void main(String[] arguments) throws Exception {
        Soap soap = new PartnerAPI(new URL("https://webservice.exacttarget.com/etframework.wsdl")).getSoap();
        ((WSBindingProvider) soap).setOutboundHeaders(Headers.create(new QName("http://exacttarget.com", "fueloauth"), token()));
        Subscriber ada = new Subscriber();
        ada.setSubscriberKey("ada");
        ada.setEmailAddress("ada@mock.test");
        TriggeredSend send = new TriggeredSend();
        send.setTriggeredSendDefinition(new TriggeredSendDefinition());
        send.getTriggeredSendDefinition().setCustomerKey("welcome");
        send.getSubscribers().add(ada);
        CreateRequest create = new CreateRequest();
        create.setOptions(new CreateOptions());
        create.getObjects().add(send);
        CreateResponse sent = soap.create(create);
        RetrieveRequestMsg asked = new RetrieveRequestMsg();
        asked.setRetrieveRequest(new RetrieveRequest());
        asked.getRetrieveRequest().setObjectType("SentEvent");
        asked.getRetrieveRequest().getProperties().add("SubscriberKey");
        SentEvent event = (SentEvent) soap.retrieve(asked).getResults().get(0);
        System.out.println(sent.getOverallStatus() + " " + event.getSubscriberKey());
    }

    static String token() throws Exception {
        String asked = String.format("grant_type=client_credentials&client_id=%s&client_secret=%s",
            System.getenv("SFMC_CLIENT_ID"), System.getenv("SFMC_CLIENT_SECRET"));
        URI auth = URI.create("https://" + System.getenv("SFMC_TENANT") + ".auth.marketingcloudapis.com/v2/token");
        HttpRequest request = HttpRequest.newBuilder(auth).header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(asked)).build();
        String answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
        Matcher found = Pattern.compile("\"access_token\": *\"(.*?)\"").matcher(answer);
        found.find();
        return found.group(1);
    }
}
